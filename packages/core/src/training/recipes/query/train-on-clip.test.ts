import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatasetFolder } from '../../../datasets/read-dataset-folder.js';
import { tuningSchema } from '../../../freestyle/tuning.js';
import { encodePng } from '../../../image/image-codec.js';
import { writeTinyBlip, writeTinyClip } from '../../../models/fixtures/tiny-pretrained.js';
import { loadModel } from '../../../models/load-model.js';
import { openPretrainedBackbone } from '../../../models/pretrained-model.js';
import { stripes, tinyStyle } from '../../../models/small/fixtures/tiny-small.js';
import type { StyleBundle } from '../../../models/small/open-backbone.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import { BundleMismatchError } from '../../../weights/model-bundle.js';
import { hashParameters } from '../../hash-parameters.js';
import { buildQueryTower } from './build-query-tower.js';
import { runQueryTraining } from './run-query-training.js';

const tuning = tuningSchema.parse({ method: 'freestyle', shallowLayers: 1, textPrompts: true });
const style: StyleBundle = {
  clusters: ['sketch', 'art', 'lowres'],
  knownCosine: 0.2,
  size: 32,
  weights: tinyStyle(3),
};
const one = { threads: 1 };
let folder: string;
const at = (...names: string[]) => join(folder, ...names);
let clip: FrozenBackbone;

const run = async () => {
  const [train, validation] = await Promise.all(
    ['train', 'val'].map(async (split) => [await readDatasetFolder(at('data'), { split })]),
  );
  return {
    tuning,
    train: train ?? [],
    validation: validation ?? [],
    cache: at('cache'),
    seed: 5,
    epochs: 2,
    stepsPerEpoch: 3,
    batch: 6,
    peakRate: 1e-2,
    patience: 2,
    perPhoto: 1,
    session: one,
    compared: true,
    onProgress: () => undefined,
  };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-clip-'));
  await mkdir(at('data'));
  const records: object[] = [];
  for (let i = 0; i < 7; i++) {
    // Wider than high: CLIP reads the middle of a picture, not the whole squeezed.
    const picture = stripes(i, 48);
    const wide = { ...picture, height: 36, data: picture.data.slice(0, 48 * 36 * 3) };
    await writeFile(at('data', `${i}.png`), await encodePng(wide));
    records.push({
      kind: 'image',
      file: `${i}.png`,
      captions: [`w${10 + i}`],
      split: i < 4 ? 'train' : 'val',
    });
  }
  await writeFile(at('data', 'manifest.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
  clip = await openPretrainedBackbone(await writeTinyClip(at('clip')), undefined);
  const { bundle } = await buildQueryTower({
    ...(await run()),
    base: clip,
    style,
    name: 'clip/tuned',
    out: at('query'),
    trainSplit: 'train',
  });
  expect(bundle?.manifest.modelType).toBe('freestyle-query');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pictures = Array.from({ length: 3 }, (_, i) => stripes(20 + i, 50));
const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  (a ?? new Float32Array()).reduce((sum, x, i) => sum + x * (b?.[i] ?? Number.NaN), 0);

describe('a query tower trained beside a CLIP', () => {
  it('runs by its own folder, and by the name of its backbone, to the same vectors', async () => {
    const own = await loadModel(at('query'), one);
    const named = await loadModel(`clip:${at('clip')}`, { ...one, query: at('query') });
    const plain = await loadModel(`clip:${at('clip')}`, one);
    const [a, b, c] = [
      await own.encodeQueries(pictures),
      await named.encodeQueries(pictures),
      await plain.encodeQueries(pictures),
    ];
    expect(a).toEqual(b);
    expect(a[0]?.style?.weights.map((entry) => entry.style)).toEqual(style.clusters);
    expect(cosine(a[0]?.vector, c[0]?.vector)).toBeLessThan(0.9999);
    // The gallery is the frozen backbone's own, bit for bit: nothing has to be indexed again.
    expect(await named.encodeImages(pictures)).toEqual(await plain.encodeImages(pictures));
    expect(named.spaceHash).toBe(plain.spaceHash);
    expect(named.queryHash).not.toBe(plain.queryHash);
    expect(Object.keys(named.calibration).sort()).toEqual(['art', 'lowres', 'photo', 'sketch', 'text']);
    // Text prompts are a part of the query side.
    const texts = [await named.encodeTexts(['w12 w9']), await plain.encodeTexts(['w12 w9'])];
    expect(cosine(texts[0]?.[0], texts[1]?.[0])).toBeLessThan(0.9999);
    await Promise.all([own.close(), named.close(), plain.close()]);
  });

  it('is refused by name on another backbone', async () => {
    const blip = await writeTinyBlip(at('blip'));
    const loading = loadModel(blip, { ...one, query: at('query') });
    await expect(loading).rejects.toThrow(BundleMismatchError);
    await expect(loading).rejects.toThrow(/"clip\/tuned" was made for the backbone "clip:.*not for "blip:/);
    await expect(loadModel('freestyle-small', { ...one, query: at('query') })).rejects.toThrow(
      /not for "freestyle-small"/,
    );
  });

  it('a folder that is no query tower is refused as one', async () => {
    const loading = loadModel(`clip:${at('clip')}`, { ...one, query: at('clip') });
    await expect(loading).rejects.toThrow(/not a bundle/);
  });

  it('tells where its backbone was when it has gone', async () => {
    const path = at('query', 'manifest.json');
    const manifest = await readFile(path, 'utf8');
    await mkdir(at('moved'));
    await writeFile(at('moved', 'manifest.json'), manifest.replaceAll(at('clip'), '/no/such/clip'));
    await writeFile(at('moved', 'weights.safetensors'), await readFile(at('query', 'weights.safetensors')));
    await expect(loadModel(at('moved'), one)).rejects.toThrow(
      /\/no\/such\/clip.*name the backbone as the model, and this bundle as its query tower/,
    );
  });

  it('killed after an epoch and started again, it ends with the very weights of a run left alone', async () => {
    const options = {
      ...(await run()),
      tower: clip.image,
      text: clip.text,
      clusters: 3,
      styleSize: style.size,
      backbone: new Map([...clip.weights, ...style.weights]),
    };
    const straight = await runQueryTraining({ ...options, work: at('straight') });
    const killed = runQueryTraining({
      ...options,
      work: at('killed'),
      onEvent: ({ kind, step }) => {
        if (kind === 'checkpoint' && step > 0) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    const resumed = await runQueryTraining({ ...options, work: at('killed') });
    expect(hashParameters(resumed.weights)).toBe(hashParameters(straight.weights));
    await Promise.all([straight.validation.queries.close(), resumed.validation.queries.close()]);
  });
});
