import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLIP_PREPROCESSING } from '../image/preprocess.js';
import { localFiles } from './model-files.js';
import { parsePreprocessorConfig, readPreprocessing } from './preprocessor-config.js';

const mean = [0.48145466, 0.4578275, 0.40821073];
const std = [0.26862954, 0.26130258, 0.27577711];

it('early and later files of CLIP mean the same', () => {
  const shared = {
    do_resize: true,
    do_normalize: true,
    do_center_crop: true,
    image_mean: mean,
    image_std: std,
    resample: 3,
  };
  const early = { ...shared, feature_extractor_type: 'CLIPFeatureExtractor', size: 224, crop_size: 224 };
  const later = {
    ...shared,
    size: { shortest_edge: 224 },
    crop_size: { height: 224, width: 224 },
    rescale_factor: 1 / 255,
  };
  const expected = {
    size: 224,
    resize: 'shortest-edge',
    kernel: 'bicubic',
    crop: 'center',
    mean,
    std,
    rescale: 1 / 255,
  };
  expect(parsePreprocessorConfig(early, 224, 'm', true)).toEqual(expected);
  expect(parsePreprocessorConfig(later, 224, 'm', true)).toEqual(expected);
});

it('BLIP squashes, whichever way its size is written', () => {
  for (const size of [384, { height: 384, width: 384 }]) {
    expect(parsePreprocessorConfig({ size, resample: 3 }, 384, 'm', false)).toMatchObject({
      size: 384,
      resize: 'squash',
      crop: 'none',
    });
  }
});

it('what cannot be reproduced is refused by name', () => {
  expect(() => parsePreprocessorConfig({ size: 336 }, 224, 'm', true)).toThrow(
    /336 pixels, the model takes 224 × 224/,
  );
  expect(() => parsePreprocessorConfig({ resample: 1 }, 224, 'm', true)).toThrow(/resample/);
  expect(() => parsePreprocessorConfig({ do_resize: false }, 224, 'm', true)).toThrow(/do_resize/);
  expect(() => parsePreprocessorConfig({ size: { height: 384, width: 128 } }, 384, 'm', false)).toThrow(
    /unequal sides/,
  );
});

it('the joint file of recent releases is read where the older one is missing, and neither leaves the default', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'preprocessing-'));
  const fallback = { ...CLIP_PREPROCESSING, size: 96 };
  expect(await readPreprocessing(localFiles(folder), fallback)).toEqual(fallback);
  const joint = {
    image_processor: { size: { shortest_edge: 96 }, resample: 2 },
    processor_class: 'CLIPProcessor',
  };
  await writeFile(join(folder, 'processor_config.json'), JSON.stringify(joint));
  expect(await readPreprocessing(localFiles(folder), fallback)).toEqual({ ...fallback, kernel: 'bilinear' });
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify({ size: 96, resample: 3 }));
  expect(await readPreprocessing(localFiles(folder), fallback)).toEqual(fallback);
  await rm(folder, { recursive: true });
});
