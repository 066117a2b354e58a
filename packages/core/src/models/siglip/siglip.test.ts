import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindParameters, within } from '../../nn/parameters.js';
import { symbol } from '../../onnx/dims.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { createSession, float32, int64 } from '../../runtime/session.js';
import { loadSafetensors, readSafetensors } from '../../weights/read-safetensors.js';
import { writeTinySiglip } from '../fixtures/tiny-pretrained.js';
import { loadPretrainedModel } from '../pretrained-model.js';
import { parseSiglipConfig, readSiglipWeights } from './hugging-face-siglip.js';
import { siglipImageTower } from './siglip-image-tower.js';
import { siglipTextTower } from './siglip-text-tower.js';

const golden = fileURLToPath(new URL('../../../golden/siglip-tiny/', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siglip-'));
  await writeTinySiglip(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readConfig = async () =>
  parseSiglipConfig(JSON.parse(await readFile(`${golden}config.json`, 'utf8')), 'siglip-tiny');

async function openGolden() {
  const config = await readConfig();
  const tensors = await readSafetensors(`${golden}model.safetensors`);
  const weights = await readSiglipWeights(tensors, config).finally(() => tensors.close());
  const expected = await loadSafetensors(`${golden}expected.safetensors`);
  const at = (key: string) => expected.get(key) ?? expect.fail(`golden file lacks "${key}"`);
  return { config, weights, at };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? Number.NaN))), 0);
};

describe('SigLIP, against the reference', () => {
  it('image embeddings agree to 1e-4: patches, blocks, attention pooling', async () => {
    const { config, weights, at } = await openGolden();
    const graph = createGraph('siglip-image');
    const pixels = input(graph, 'pixels', [symbol('batch'), 3, 24, 24]);
    const { source } = bindParameters(graph, weights);
    output(graph, 'raw', siglipImageTower(within(source, 'image'), pixels, config.image));
    const session = await createSession(graph);
    const { data, shape } = at('pixels');
    const { raw } = await session.run({ pixels: float32(data, shape) });
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, at('images').data)).toBeLessThan(1e-4);
  });

  it('text embeddings agree to 1e-4, read at the last position, padding seen', async () => {
    const { config, weights, at } = await openGolden();
    const graph = createGraph('siglip-text');
    const ids = input(graph, 'ids', [symbol('batch'), config.text.context], 'int64');
    const { source } = bindParameters(graph, weights);
    output(graph, 'raw', siglipTextTower(within(source, 'text'), ids, config.text));
    const session = await createSession(graph);
    const given = at('ids');
    const { raw } = await session.run({ ids: int64(Int32Array.from(given.data), given.shape) });
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, at('texts').data)).toBeLessThan(1e-4);
  });

  it('a folder opens by name, and words in any case have the reference’s embeddings at unit length', async () => {
    const { at } = await openGolden();
    const model = await loadPretrainedModel(`siglip:${folder}`, undefined);
    const got = await model.encodeTexts(['A dog on a BEACH', '', 'giraffe and guitar and horse']);
    await model.close();
    const units = at('text_units').data;
    expect(model.dimensions).toBe(24);
    got.forEach((vector, row) => {
      expect(largestDifference(vector, units.slice(row * 24, (row + 1) * 24))).toBeLessThan(1e-4);
    });
  });
});

describe('what is no SigLIP that can be built', () => {
  const config = async (change: (json: Record<string, Record<string, unknown>>) => void) => {
    const json = JSON.parse(await readFile(`${golden}config.json`, 'utf8'));
    change(json);
    return () => parseSiglipConfig(json, 'm');
  };

  it('is refused by the name of what differs', async () => {
    expect(() => parseSiglipConfig({ model_type: 'clip' }, 'm')).toThrow(/model_type/);
    expect(() => parseSiglipConfig({ model_type: 'siglip2' }, 'm')).toThrow(
      /any shape.*siglip2-base-patch16-224/,
    );
    const headless = await config(({ vision_config: vision = {} }) => {
      vision.vision_use_head = false;
    });
    expect(headless).toThrow(/vision_use_head/);
    const uneven = await config(({ vision_config: vision = {} }) => {
      vision.patch_size = 7;
    });
    expect(uneven).toThrow(/24 pixels.*patches of 7/);
    const shorter = await config(({ text_config: text = {} }) => {
      text.projection_size = 20;
    });
    expect(shorter).toThrow(/20 numbers, pictures 24/);
  });

  it('a folder with a SentencePiece model alone says how to save a tokenizer.json', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'siglip-'));
    await copyFile(`${golden}config.json`, join(bare, 'config.json'));
    await writeFile(join(bare, 'spiece.model'), '');
    await expect(loadPretrainedModel(`siglip:${bare}`, undefined)).rejects.toThrow(/save_pretrained/);
    await rm(bare, { recursive: true });
  });
});
