import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialiseQueryTower } from '../../freestyle/query-tower.js';
import { tuningSchema } from '../../freestyle/tuning.js';
import { createRandom } from '../../random.js';
import { BundleMismatchError, type ModelBundle } from '../../weights/model-bundle.js';
import type { EmbeddingModel } from '../embedding-model.js';
import { exportQueryTower } from '../export-query-tower.js';
import { loadModel } from '../load-model.js';
import { exportBase } from './export-small.js';
import {
  stripes,
  tinyConfig,
  tinyStyle,
  tinyTokenizer,
  tinyTower,
  tinyWeights,
} from './fixtures/tiny-small.js';
import { loadSmallModel } from './small-model.js';

const CLUSTERS = ['sketch', 'photo', 'art', 'sketch 2'];
const tuning = tuningSchema.parse({ method: 'freestyle', shallowLayers: 1 });
let folder: string;
let backbone: ModelBundle;
let model: EmbeddingModel;
let plain: EmbeddingModel;

function writeQueryTower(
  name: string,
  base: { readonly name: string; readonly hash: string },
  clusters: readonly string[] = CLUSTERS,
) {
  const frozen = new Map([...tinyWeights(), ...tinyStyle(clusters.length)]);
  const fresh = initialiseQueryTower(
    { tower: tinyTower, tuning, clusters: clusters.length },
    frozen,
    createRandom('tower'),
  );
  return exportQueryTower(join(folder, name), {
    name: 'tiny/query',
    base: { ...base, dimensions: tinyConfig.embedding, image: tinyTower, queryType: 'freestyle-small-query' },
    tuning,
    clusters,
    knownCosine: 0.5,
    calibration: { sketch: { mean: 0.1, deviation: 0.2 } },
    weights: new Map([...frozen, ...fresh]),
    training: {},
    evaluation: {},
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-small-'));
  backbone = await exportBase(join(folder, 'backbone'), {
    name: 'tiny',
    config: tinyConfig,
    weights: tinyWeights(),
    tokenizer: tinyTokenizer,
    training: {},
    evaluation: {},
  });
  await writeQueryTower('query', { name: 'tiny', hash: backbone.hash });
  model = await loadModel(join(folder, 'query'), { threads: 1 });
  plain = await loadModel(join(folder, 'backbone'), { threads: 1 });
});
afterAll(async () => {
  await Promise.all([model.close(), plain.close()]);
  await rm(folder, { recursive: true });
});

const pictures = Array.from({ length: 7 }, (_, i) => stripes(i));
const length = (vector: Float32Array) => Math.hypot(...vector);
const furthest = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  Math.max(...Array.from(a ?? [Number.NaN], (value, i) => Math.abs(value - (b?.[i] ?? Number.NaN))));

describe('small model', () => {
  it('gives unit vectors of its width for photos, texts and query pictures, in order', async () => {
    const images = await model.encodeImages(pictures);
    const texts = await model.encodeTexts(['a red ball', 'two blue birds', '']);
    const queries = await model.encodeQueries(pictures);
    expect([images.length, texts.length, queries.length]).toEqual([7, 3, 7]);
    for (const vector of [...images, ...texts, ...queries.map((query) => query.vector)]) {
      expect(vector).toHaveLength(tinyConfig.embedding);
      expect(length(vector)).toBeCloseTo(1, 5);
    }
    expect(furthest(texts[0], texts[1])).toBeGreaterThan(1e-3);
  });

  it('gives a picture or text the same vector alone and in a batch of any size', async () => {
    const images = await model.encodeImages(pictures);
    const queries = await model.encodeQueries(pictures);
    const [image] = await model.encodeImages(pictures.slice(4, 5));
    const [query] = await model.encodeQueries(pictures.slice(4, 5));
    const texts = await model.encodeTexts(['a wall', 'a red ball on a wall', 'birds']);
    const [text] = await model.encodeTexts(['a red ball on a wall']);
    expect(furthest(image, images[4])).toBeLessThan(1e-5);
    expect(furthest(query?.vector, queries[4]?.vector)).toBeLessThan(1e-5);
    expect(furthest(text, texts[1])).toBeLessThan(1e-5);
  });

  it('a tuned query tower leaves the gallery side untouched and lives in the same space', async () => {
    const [tuned, frozen] = [await model.encodeImages(pictures), await plain.encodeImages(pictures)];
    tuned.forEach((vector, i) => {
      expect(furthest(vector, frozen[i])).toBe(0);
    });
    expect(model.spaceHash).toBe(plain.spaceHash);
    expect(model.queryHash).not.toBe(plain.queryHash);
    expect(model.calibration).toEqual({ sketch: { mean: 0.1, deviation: 0.2 } });
  });

  it('reports the style it saw, and follows one that is imposed', async () => {
    const [own] = await model.encodeQueries(pictures.slice(0, 1));
    const [imposed] = await model.encodeQueries(pictures.slice(0, 1), 'art');
    const [unknown] = await model.encodeQueries(pictures.slice(0, 1), 'engraving');
    // Both clusters of sketches are one style to people.
    expect(own?.style?.weights.map(({ style }) => style)).toEqual(['sketch', 'photo', 'art']);
    expect(own?.style?.weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
    expect(imposed?.style?.weights.map(({ weight }) => weight)).toEqual([0, 0, 1]);
    expect(furthest(imposed?.vector, own?.vector)).toBeGreaterThan(1e-5);
    expect(furthest(unknown?.vector, own?.vector)).toBe(0);
  });

  it('reads what is said to be a photo as the gallery is, whether the model has such a style or not', async () => {
    const base = { name: 'tiny', hash: backbone.hash };
    await writeQueryTower('drawings', base, ['sketch', 'art']);
    const drawings = await loadModel(join(folder, 'drawings'), { threads: 1 });
    const [images, own, imposed] = await Promise.all([
      drawings.encodeImages(pictures),
      drawings.encodeQueries(pictures),
      drawings.encodeQueries(pictures, 'photo'),
    ]);
    await drawings.close();
    for (const [i, query] of imposed.entries()) {
      expect(furthest(query.vector, images[i])).toBeLessThan(1e-5);
      expect(query.style).toEqual(own[i]?.style);
    }
    expect(furthest(own[0]?.vector, images[0])).toBeGreaterThan(1e-3);
    const [styled] = await model.encodeQueries(pictures.slice(0, 1), 'photo');
    expect(styled?.style?.weights.map(({ weight }) => weight)).toEqual([0, 1, 0]);
    expect(furthest(styled?.vector, images[0])).toBeLessThan(1e-5);
  });

  it('texts past the context are cut, not refused', async () => {
    const long = 'a red ball on a wall '.repeat(40);
    const [a, b] = await model.encodeTexts([long, `${long} and more`]);
    expect(furthest(a, b)).toBe(0);
  });

  it('refuses a query tower of another backbone, by name', async () => {
    const stranger = await writeQueryTower('stranger', { name: 'other-backbone', hash: '0'.repeat(64) });
    const loading = loadSmallModel(backbone, stranger, { threads: 1 });
    await expect(loading).rejects.toThrow(BundleMismatchError);
    await expect(loading).rejects.toThrow(
      /"tiny\/query" was made for the backbone "other-backbone".*not for "tiny"/,
    );
  });
});
