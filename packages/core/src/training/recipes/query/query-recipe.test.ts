import { describe, expect, it } from 'vitest';
import { createQuerySession, queryFeeds } from '../../../freestyle/query-session.js';
import { initialiseQueryTower } from '../../../freestyle/query-tower.js';
import { defaultTuning, type Tuning, tuningSchema } from '../../../freestyle/tuning.js';
import { squash } from '../../../image/crop-resize.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import {
  stripes,
  tinyConfig,
  tinyStyle,
  tinyTower,
  tinyWeights,
} from '../../../models/small/fixtures/tiny-small.js';
import { createImageSession } from '../../../models/small/run-towers.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import { fit } from '../../fit.js';
import { hashParameters } from '../../hash-parameters.js';
import type { QueryCache } from './query-cache.js';
import { type QueryTrainingOptions, queryRecipe } from './query-recipe.js';

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
  const pictures = photos.map((photo) => squash(photo, tinyConfig.image.size));
  const { embedding } = await session.run({ pixels: pixelBatch(pictures, tinyConfig.image.size) });
  await session.close();
  return embedding?.data as Float32Array;
}
const gallery = await galleryOf();

async function train(
  tuning: Tuning,
  rate: number,
  steps = 30,
  seed = 1,
  more: Partial<QueryTrainingOptions> = {},
) {
  const shape = { tower: tinyTower, tuning, clusters: K };
  const weights = new Map([...frozen, ...initialiseQueryTower(shape, frozen, createRandom(`${seed}:query`))]);
  const losses: number[] = [];
  const recipe = await queryRecipe({
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
    session: { threads: 1 },
    ...more,
  });
  await fit(recipe, {
    session: { threads: 1 },
    onEvent: (event) => {
      if (event.kind === 'step') losses.push(event.loss);
    },
  });
  return { weights, losses };
}

/** Mean cosine of the queries' vectors to those of the plain backbone. */
async function cosineToPlain(
  weights: Map<string, Parameter>,
  shape: Parameters<typeof createQuerySession>[1],
): Promise<number> {
  const pictures = await Promise.all(
    queries.queries.map(async (_, i) => squash(await queries.picture(i), tinyConfig.image.size)),
  );
  const pixels = pixelBatch(pictures, tinyConfig.image.size);
  const tuned = await createQuerySession(weights, shape, { threads: 1 });
  const plain = await createImageSession(frozen, tinyConfig, 'image', { threads: 1 });
  const [a, b] = [await tuned.run(queryFeeds(pixels, pictures.length, K)), await plain.run({ pixels })];
  await Promise.all([tuned.close(), plain.close()]);
  const [left, right] = [a, b].map(({ embedding }) => embedding?.data as Float32Array);
  return (left ?? new Float32Array()).reduce((sum, x, i) => sum + x * (right?.[i] ?? 0), 0) / pictures.length;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the query recipe', () => {
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

  it('gated prompts learn: every gate opens', async () => {
    const { weights, losses } = await train(tuningSchema.parse({ method: 'freestyle', gated: true }), 1e-2);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    const gates = [...weights].filter(([name]) => name.endsWith('.gate'));
    expect(gates).toHaveLength(tinyConfig.image.layers);
    for (const [, { data }] of gates) expect(data.some((value) => value !== 0)).toBe(true);
  });

  it('prompts beside a copy that learns whole: both move, and what is frozen stays', async () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', gated: true, whole: true });
    const before = hashParameters(frozen);
    const { weights, losses } = await train(tuning, 1e-2);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    const copies = [...weights].filter(([name]) => name.startsWith('query.image.'));
    expect(copies.length).toBeGreaterThan(0);
    for (const [name, { data }] of copies) {
      const plain = frozen.get(name.slice('query.'.length))?.data;
      expect(
        data.some((value, i) => value !== plain?.[i]),
        name,
      ).toBe(true);
    }
    for (const [name, { data }] of weights)
      if (name.endsWith('.gate')) expect(data.some((value) => value !== 0)).toBe(true);
    expect(hashParameters(new Map([...weights].filter(([name]) => !name.startsWith('query.'))))).toBe(before);
  });

  it('beside prompts the copy takes a tenth of their steps', async () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', gated: true, whole: true });
    const start = initialiseQueryTower(
      { tower: tinyTower, tuning, clusters: K },
      frozen,
      createRandom('1:query'),
    );
    const { weights } = await train(tuning, 1e-2, 1, 1);
    // The first step of Adam has the size of the rate, whatever the gradient.
    const furthest = (which: (name: string) => boolean) =>
      Math.max(
        ...[...start]
          .filter(([name]) => which(name))
          .flatMap(([name, { data }]) =>
            Array.from(data, (x, i) => Math.abs(x - (weights.get(name)?.data[i] ?? 0))),
          ),
      );
    const [copy, gates] = [
      furthest((name) => name.startsWith('query.image.')),
      furthest((name) => name.endsWith('.gate')),
    ];
    expect(gates).toBeGreaterThan(0);
    expect(copy / gates).toBeCloseTo(0.1, 2);
  });

  it('the triplet loss brings the positive above the hardest negative more often', async () => {
    const { losses } = await train(defaultTuning('full'), 3e-3, 40, 1, { loss: 'triplet' });
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(0);
    expect(mean(losses.slice(-5))).toBeLessThan(0.9 * mean(losses.slice(0, 5)));
  });

  it('a heavy weight on staying near keeps paintings where the plain backbone puts them', async () => {
    const art: QueryCache = {
      ...queries,
      queries: queries.queries.map((query) => ({ ...query, style: 'art' })),
    };
    const movedBy = async (keep: number) => {
      const tuning = defaultTuning('full');
      const { weights } = await train(tuning, 3e-3, 30, 1, { queries: art, keep });
      const shape = { tower: tinyTower, tuning, clusters: K };
      return cosineToPlain(weights, shape);
    };
    const [free, kept] = [await movedBy(0), await movedBy(20)];
    expect(free).toBeLessThan(0.999);
    expect(1 - kept).toBeLessThan((1 - free) / 2);
  });

  it('in the symmetric mode photos and queries are encoded by the same tower, and it learns', async () => {
    const withPhotos: QueryCache = {
      ...queries,
      count: 3 * PHOTOS,
      queries: [
        ...queries.queries,
        ...photos.map((_, i) => ({ style: 'photo', path: '', maker: null, targets: [i] })),
      ],
      picture: async (index) =>
        index < 2 * PHOTOS ? queries.picture(index) : (photos[index - 2 * PHOTOS] ?? stripes(0)),
    };
    const tuning = tuningSchema.parse({ method: 'freestyle', symmetric: true });
    const before = hashParameters(frozen);
    const { weights, losses } = await train(tuning, 1e-2, 40, 1, { queries: withPhotos });
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
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
