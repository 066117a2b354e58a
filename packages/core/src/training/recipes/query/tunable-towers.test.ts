import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countParameters } from '../../../freestyle/count-parameters.js';
import { createQuerySession, queryFeeds } from '../../../freestyle/query-session.js';
import { initialiseQueryTower } from '../../../freestyle/query-tower.js';
import { defaultTuning, type Tuning, tuningSchema } from '../../../freestyle/tuning.js';
import { CLIP_PREPROCESSING, preprocessBatch } from '../../../image/preprocess.js';
import { createVitSession } from '../../../models/clip/clip-sessions.js';
import { parseClipConfig } from '../../../models/clip/hugging-face-clip.js';
import { tinyBackbones, writeTinyClip } from '../../../models/fixtures/tiny-pretrained.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { openPretrainedBackbone } from '../../../models/pretrained-model.js';
import { stripes, tinyStyle } from '../../../models/small/fixtures/tiny-small.js';
import { createTowerSession } from '../../../models/tower-sessions.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import { float32 } from '../../../runtime/session.js';
import { fit } from '../../fit.js';
import { hashParameters } from '../../hash-parameters.js';
import type { QueryCache } from './query-cache.js';
import { queryRecipe } from './query-recipe.js';

const PHOTOS = 8;
const K = 3;
/** The style network reads another size than these towers: it is resized inside the graph. */
const STYLE_SIZE = 32;
const one = { threads: 1 };
const photos = Array.from({ length: PHOTOS }, (_, i) => stripes(i));
const captions = photos.map((_, i) => ({ text: `w${10 + i} w${20 + i} w7`, target: i }));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-towers-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The negative of each photo as a query. */
const queries: QueryCache = {
  count: PHOTOS,
  queries: photos.map((_, i) => ({ style: 'negative', path: '', maker: null, targets: [i] })),
  picture: async (index) => {
    const photo = photos[index] ?? stripes(0);
    return { ...photo, data: photo.data.map((value) => 255 - value) };
  },
  close: async () => undefined,
};

const shapeOf = ({ image: tower, text }: FrozenBackbone, tuning: Tuning) => ({
  tower,
  text,
  tuning,
  clusters: K,
  styleSize: STYLE_SIZE,
});

function weightsOf(backbone: FrozenBackbone, tuning: Tuning): Map<string, Parameter> {
  const frozen = new Map([...backbone.weights, ...tinyStyle(K)]);
  const fresh = initialiseQueryTower(shapeOf(backbone, tuning), frozen, createRandom('fresh'));
  return new Map([...frozen, ...fresh]);
}

const fitted = ({ image }: FrozenBackbone) => Promise.all(photos.map((photo) => image.fit(photo)));

async function plainEmbeddings(backbone: FrozenBackbone): Promise<Float32Array> {
  const session = await createTowerSession(backbone.weights, backbone.image, one);
  const { embedding } = await session.run({
    pixels: pixelBatch(await fitted(backbone), backbone.image.size),
  });
  await session.close();
  return embedding?.data as Float32Array;
}

async function queryEmbeddings(backbone: FrozenBackbone, tuning: Tuning, weights: Map<string, Parameter>) {
  const session = await createQuerySession(weights, shapeOf(backbone, tuning), one);
  const pixels = pixelBatch(await fitted(backbone), backbone.image.size);
  const { embedding } = await session.run(queryFeeds(pixels, PHOTOS, K));
  await session.close();
  return embedding?.data as Float32Array;
}

async function train(backbone: FrozenBackbone, tuning: Tuning, rate: number) {
  const weights = weightsOf(backbone, tuning);
  const losses: number[] = [];
  const recipe = await queryRecipe({
    ...shapeOf(backbone, tuning),
    weights,
    gallery: await plainEmbeddings(backbone),
    queries,
    captions,
    batch: PHOTOS,
    epochs: 1,
    stepsPerEpoch: 24,
    peakRate: rate,
    seed: 1,
    patience: 1,
    session: one,
  });
  await fit(recipe, {
    session: one,
    onEvent: (event) => {
      if (event.kind === 'step') losses.push(event.loss);
    },
  });
  return { weights, losses };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
const frozenHash = (weights: Map<string, Parameter>) =>
  hashParameters(new Map([...weights].filter(([name]) => !name.startsWith('query.'))));

it('pixels normalised inside the graph give the embeddings of pixels normalised outside', async () => {
  const place = join(folder, 'outside');
  const backbone = await openPretrainedBackbone(await writeTinyClip(place), undefined);
  const config = parseClipConfig(JSON.parse(await readFile(join(place, 'config.json'), 'utf8')), place);
  const { imageSize: size } = config.image;
  const pixels = await preprocessBatch(photos, { ...CLIP_PREPROCESSING, size });
  const session = await createVitSession(backbone.weights, config.image, one);
  const { embedding } = await session.run({ pixels: float32(pixels, [PHOTOS, 3, size, size]) });
  await session.close();
  expect(furthest(await plainEmbeddings(backbone), embedding?.data as Float32Array)).toBeLessThan(1e-5);
});

describe.each(Object.entries(tinyBackbones))('a query tower on %s', (name, open) => {
  let backbone: FrozenBackbone;
  beforeAll(async () => {
    backbone = await open(join(folder, name));
  });

  it.each(['linear', 'lora', 'full'] as const)(
    '%s, untrained, encodes as the frozen tower',
    async (method) => {
      const tuning = defaultTuning(method);
      const tuned = await queryEmbeddings(backbone, tuning, weightsOf(backbone, tuning));
      expect(furthest(tuned, await plainEmbeddings(backbone))).toBeLessThan(1e-5);
    },
  );

  it.each([
    ['linear', 1e-2],
    ['vpt', 5e-2],
    ['freestyle', 2e-2],
    ['lora', 2e-2],
    ['full', 3e-3],
  ] as const)('%s learns, and leaves every frozen weight as it was, bit for bit', async (method, rate) => {
    const before = frozenHash(weightsOf(backbone, defaultTuning(method)));
    const { weights, losses } = await train(backbone, defaultTuning(method), rate);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    expect(frozenHash(weights)).toBe(before);
  });

  it('counts the prompts of every layer, their maps from the style and the temperature as trained, no more', () => {
    const { trained, frozen } = countParameters(weightsOf(backbone, defaultTuning('freestyle')));
    const { layers, width } = backbone.image;
    expect(trained).toBe(layers * 4 * width * (1 + 64) + 1);
    const sum = (prefix: string, weights: Iterable<[string, Parameter]>) =>
      [...weights].reduce((all, [key, { data }]) => all + (key.startsWith(prefix) ? data.length : 0), 0);
    expect(frozen).toBe(sum('image.', backbone.weights) + sum('style.', tinyStyle(K)));
  });

  it('text prompts learn beside the picture prompts, and the text tower stays frozen', async () => {
    const tuning = tuningSchema.parse({ method: 'vpt', textPrompts: true });
    const before = weightsOf(backbone, tuning);
    const { weights, losses } = await train(backbone, tuning, 5e-2);
    expect(mean(losses.slice(-5))).toBeLessThan(0.97 * mean(losses.slice(0, 5)));
    expect(frozenHash(weights)).toBe(frozenHash(before));
    for (const [key, { data }] of weights) {
      if (key.startsWith('query.text.'))
        expect(furthest(data, before.get(key)?.data ?? new Float32Array())).toBeGreaterThan(0.01);
    }
  });

  it('has no stem to tune, and says so', () => {
    const tuning = tuningSchema.parse({ method: 'freestyle', stem: true });
    expect(() => weightsOf(backbone, tuning)).toThrow(/no convolutional stem/);
  });
});
