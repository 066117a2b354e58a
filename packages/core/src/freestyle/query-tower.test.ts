import { describe, expect, it } from 'vitest';
import { squash } from '../image/crop-resize.js';
import { pixelBatch } from '../models/pixel-batch.js';
import { defaultSmallConfig } from '../models/small/config.js';
import {
  stripes,
  tinyConfig,
  tinyStyle,
  tinyTower,
  tinyWeights,
} from '../models/small/fixtures/tiny-small.js';
import { imageTowerSpecs } from '../models/small/image-tower.js';
import { createImageSession } from '../models/small/run-towers.js';
import { smallImageTower } from '../models/small/small-backbone.js';
import { initialise, type ParameterMap } from '../nn/parameters.js';
import { createRandom } from '../random.js';
import { float32 } from '../runtime/session.js';
import { styleNetwork } from '../style-space/style-network.js';
import { countParameters } from './count-parameters.js';
import { createQuerySession } from './query-session.js';
import { initialiseQueryTower, OFFSET_SCALE } from './query-tower.js';
import { defaultTuning, type Tuning, tuningSchema } from './tuning.js';

const K = 3;
const one = { threads: 1 };
const { size } = tinyConfig.image;
const pictures = Array.from({ length: 5 }, (_, i) => squash(stripes(i), size));
const frozen = new Map([...tinyWeights(), ...tinyStyle(K)]);

function weightsOf(tuning: Tuning, clusters = K): ParameterMap {
  const fresh = initialiseQueryTower({ tower: tinyTower, tuning, clusters }, frozen, createRandom('fresh'));
  return new Map([...frozen, ...fresh]);
}

/** Embeddings and style weights of pictures, with styles imposed on each row (a row of zeros leaves it). */
async function encode(
  tuning: Tuning,
  imposed = new Float32Array(pictures.length * K),
  batch = pictures.length,
  change: (name: string, data: Float32Array) => void = () => undefined,
) {
  const weights = weightsOf(tuning);
  for (const [name, { data }] of weights) if (name.startsWith('query.')) change(name, data);
  const session = await createQuerySession(weights, { tower: tinyTower, tuning, clusters: K }, one);
  const rows: Record<string, number[]> = { embedding: [], style: [], nearest: [] };
  try {
    for (let start = 0; start < pictures.length; start += batch) {
      const part = pictures.slice(start, start + batch);
      const given = imposed.slice(start * K, (start + part.length) * K);
      const result = await session.run({
        pixels: pixelBatch(part, size),
        imposed: float32(given, [part.length, K]),
      });
      for (const [name, list] of Object.entries(rows))
        list.push(...((result[name]?.data ?? []) as Float32Array));
    }
    return rows as { embedding: number[]; style: number[]; nearest: number[] };
  } finally {
    await session.close();
  }
}

async function backboneEmbeddings(): Promise<number[]> {
  const session = await createImageSession(frozen, tinyConfig, 'image', one);
  const { embedding } = await session.run({ pixels: pixelBatch(pictures, size) });
  await session.close();
  return [...((embedding?.data ?? []) as Float32Array)];
}

const furthest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
const imposing = (cluster: number) =>
  Float32Array.from({ length: pictures.length * K }, (_, i) => (i % K === cluster ? 1 : 0));

describe('query tower', () => {
  it.each(['linear', 'lora', 'full'] as const)(
    '%s, untrained, encodes as the backbone does',
    async (method) => {
      const { embedding } = await encode(defaultTuning(method));
      expect(furthest(embedding, await backboneEmbeddings())).toBeLessThan(1e-5);
    },
  );

  it.each([
    ['freestyle', tuningSchema.parse({ method: 'freestyle', gated: true, stem: true })],
    ['vpt', tuningSchema.parse({ method: 'vpt', gated: true })],
    ['a whole freestyle', tuningSchema.parse({ method: 'freestyle', gated: true, stem: true, whole: true })],
  ])(
    '%s with gated prompts, untrained, encodes as the backbone does; an open gate does not',
    async (_, tuning) => {
      const plain = await backboneEmbeddings();
      expect(furthest((await encode(tuning)).embedding, plain)).toBeLessThan(1e-5);
      const opened = await encode(tuning, undefined, undefined, (name, data) => {
        if (name.endsWith('.gate')) data.fill(0.5);
      });
      expect(furthest(opened.embedding, plain)).toBeGreaterThan(1e-2);
    },
  );

  it('a centred tower takes off the places of the styles that it sees, by their weights', async () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', gated: true, centred: true });
    const random = createRandom('places');
    const places = Float32Array.from({ length: K * tinyConfig.embedding }, () => random.normal());
    const centred = await encode(tuning, undefined, undefined, (name, data) => {
      if (name === 'query.offsets') data.set(places);
    });
    const plain = await backboneEmbeddings();
    const width = tinyConfig.embedding;
    const expected = pictures.flatMap((_, row) => {
      const moved = Array.from({ length: width }, (_, i) => {
        const place = Array.from({ length: K }, (_, k) => k).reduce(
          (sum, k) => sum + (centred.style[row * K + k] ?? 0) * OFFSET_SCALE * (places[k * width + i] ?? 0),
          0,
        );
        return (plain[row * width + i] ?? 0) - place;
      });
      const length = Math.hypot(...moved);
      return moved.map((x) => x / length);
    });
    expect(furthest(centred.embedding, expected)).toBeLessThan(1e-5);
    expect(furthest(centred.embedding, plain)).toBeGreaterThan(1e-2);
  });

  it('tuned layer normalisations start as those of the backbone', async () => {
    const plain = await encode(defaultTuning('vpt'));
    const tuned = await encode(tuningSchema.parse({ method: 'vpt', layerNorms: true }));
    expect(furthest(tuned.embedding, plain.embedding)).toBeLessThan(1e-6);
  });

  it('freestyle prompts follow the style: another style imposed gives another embedding, none imposed changes nothing', async () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', shallowLayers: 1 });
    const [own, first, second] = [
      await encode(tuning),
      await encode(tuning, imposing(0)),
      await encode(tuning, imposing(1)),
    ];
    expect(furthest(first.embedding, second.embedding)).toBeGreaterThan(1e-4);
    // What was found is a mixture of three, so no single one is it.
    expect(furthest(own.embedding, first.embedding)).toBeGreaterThan(1e-5);
    const again = await encode(tuning, new Float32Array(pictures.length * K));
    expect(again.embedding).toEqual(own.embedding);
    expect(first.style).toEqual([...imposing(0)]);
  });

  it.each([
    ['vpt', defaultTuning('vpt')],
    ['freestyle without style space', tuningSchema.parse({ method: 'freestyle', styleSpace: false })],
  ])('%s does not look at the style space', async (_name, tuning) => {
    const own = await encode(tuning);
    expect((await encode(tuning, imposing(2))).embedding).toEqual(own.embedding);
  });

  it('style weights of every picture add up to 1, and none is negative', async () => {
    const { style, nearest } = await encode(defaultTuning('freestyle'));
    for (let row = 0; row < pictures.length; row++) {
      const weights = style.slice(row * K, (row + 1) * K);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(nearest[row] ?? 2)).toBeLessThanOrEqual(1 + 1e-5);
    }
  });

  it.each(['freestyle', 'vpt', 'lora'] as const)(
    '%s gives a batch the vectors of single pictures',
    async (method) => {
      const tuning = defaultTuning(method);
      const whole = await encode(tuning);
      const single = await encode(tuning, undefined, 1);
      expect(furthest(single.embedding, whole.embedding)).toBeLessThan(1e-5);
    },
  );

  it('refuses style prompts where there is no style space', () => {
    expect(() => weightsOf(defaultTuning('freestyle'), 0)).toThrow(/reads a style space, and there is none/);
    const centred = tuningSchema.parse({ method: 'vpt', centred: true });
    expect(() => weightsOf(centred, 0)).toThrow(/reads a style space, and there is none/);
  });

  it('has prompts in the shallow layers only where deep ones are off', () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', shallowLayers: 1, deepPrompts: false });
    const names = [...weightsOf(tuning).keys()].filter((name) => name.startsWith('query.prompts.'));
    expect(names.sort()).toEqual(['query.prompts.0.from_style', 'query.prompts.0.tokens']);
  });
});

describe('countParameters', () => {
  const backbone = initialise(imageTowerSpecs('image', defaultSmallConfig), createRandom(1));
  const tower = smallImageTower(defaultSmallConfig);
  const count = (tuning: Tuning) =>
    countParameters(
      new Map([
        ...backbone,
        ...tinyStyle(4),
        ...initialiseQueryTower({ tower, tuning, clusters: 4 }, backbone, createRandom(2)),
      ]),
    );

  it('the style prompts of the product are under 10 % of its query tower', () => {
    const { trained, share } = count(defaultTuning('freestyle'));
    const { layers, width } = defaultSmallConfig.image;
    // Per layer 4 tokens and a map to them from the style; one temperature.
    expect(trained).toBe(layers * 4 * width * (1 + styleNetwork.width) + 1);
    expect(share).toBeLessThan(0.1);
  });

  it('a styled stem keeps it under 10 %', () => {
    expect(count(tuningSchema.parse({ method: 'freestyle', stem: true })).share).toBeLessThan(0.1);
  });

  it('prompts beside a copy that learns whole are counted on top of it', () => {
    const prompts = tuningSchema.parse({ method: 'freestyle', gated: true });
    const { trained, frozen } = count({ ...prompts, whole: true });
    expect(trained).toBe(count(prompts).trained + count(defaultTuning('full')).trained - 1);
    expect(frozen).toBe(count(defaultTuning('full')).frozen);
  });

  it('counts a tower that learns whole as wholly trained but for its style path', () => {
    const { trained, frozen } = count(defaultTuning('full'));
    const sum = (weights: ParameterMap) => [...weights.values()].reduce((n, { data }) => n + data.length, 0);
    expect(trained).toBe(sum(backbone) + 1);
    expect(frozen).toBe(sum(tinyStyle(4)));
  });
});
