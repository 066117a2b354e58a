import { describe, expect, it } from 'vitest';
import { initialiseQueryTower } from '../../freestyle/query-tower.js';
import { defaultTuning, type Tuning, tuningSchema } from '../../freestyle/tuning.js';
import {
  stripes,
  tinyConfig,
  tinyStyle,
  tinyTower,
  tinyWeights,
} from '../../models/small/fixtures/tiny-small.js';
import { createImageSession } from '../../models/small/run-towers.js';
import { createRandom } from '../../random.js';
import { hashParameters } from '../hash-parameters.js';
import { plainQuery } from './augment-query.js';
import { pixelBatch } from './encode-queries.js';
import type { QueryCache } from './query-cache.js';
import { trainQuery } from './train-query.js';

const PHOTOS = 12;
const K = 3;
const photos = Array.from({ length: PHOTOS }, (_, i) => stripes(i));
const frozen = new Map([...tinyWeights(), ...tinyStyle(K)]);

/** Each photo's negative and its grey copy as queries of two styles. */
const queries: QueryCache = {
  count: 2 * PHOTOS,
  queries: Array.from({ length: 2 * PHOTOS }, (_, i) => ({
    style: i % 2 === 0 ? 'negative' : 'grey',
    path: '',
    maker: null,
    targets: [i >> 1],
  })),
  picture: async (index) => {
    const photo = photos[index >> 1] ?? stripes(0);
    const data =
      index % 2 === 0
        ? photo.data.map((value) => 255 - value)
        : photo.data.map((_, i) => photo.data[i - (i % 3)] ?? 0);
    return { ...photo, data };
  },
  close: async () => undefined,
};

async function galleryOf(): Promise<Float32Array> {
  const session = await createImageSession(frozen, tinyConfig, 'image', { threads: 1 });
  const pictures = photos.map((photo) => plainQuery(photo, tinyConfig.image.size));
  const { embedding } = await session.run({ pixels: pixelBatch(pictures, tinyConfig.image.size) });
  await session.close();
  return embedding?.data as Float32Array;
}
const gallery = await galleryOf();

async function train(tuning: Tuning, rate: number, steps = 30, seed = 1) {
  const shape = { tower: tinyTower, tuning, clusters: K };
  const weights = new Map([...frozen, ...initialiseQueryTower(shape, frozen, createRandom(`${seed}:query`))]);
  const losses: number[] = [];
  await trainQuery({
    ...shape,
    weights,
    gallery,
    queries,
    batch: 12,
    epochs: 1,
    stepsPerEpoch: steps,
    peakRate: rate,
    seed,
    patience: 1,
    validate: async () => ({ any: 1 }),
    session: { threads: 1 },
    onStep: ({ loss }) => losses.push(loss),
  });
  return { weights, losses };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('trainQuery', () => {
  it.each([
    ['linear', 1e-2],
    ['vpt', 3e-2],
    ['freestyle', 1e-2],
    ['lora', 1e-2],
    ['full', 3e-3],
  ] as const)('%s learns, and leaves every frozen weight as it was, bit for bit', async (method, rate) => {
    const before = hashParameters(frozen);
    const { weights, losses } = await train(defaultTuning(method), rate);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    const stillFrozen = new Map([...weights].filter(([name]) => !name.startsWith('query.')));
    expect(hashParameters(stillFrozen)).toBe(before);
  });

  it('a styled stem learns through the frozen convolutions', async () => {
    const before = hashParameters(frozen);
    const { weights, losses } = await train(tuningSchema.parse({ method: 'freestyle', stem: true }), 1e-2);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    const moved = [...weights].filter(
      ([name, { data }]) => name.startsWith('query.stem') && data.some((value) => value !== 0),
    );
    expect(moved).toHaveLength(2 * tinyConfig.image.stem.length);
    expect(hashParameters(new Map([...weights].filter(([name]) => !name.startsWith('query.'))))).toBe(before);
  });

  it('gives the same weights for the same seed, and others for another', async () => {
    const hash = async (seed: number) =>
      hashParameters((await train(defaultTuning('freestyle'), 1e-2, 4, seed)).weights);
    const first = await hash(1);
    expect(await hash(1)).toBe(first);
    expect(await hash(2)).not.toBe(first);
  });
});
