import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatasetFolder } from '../../../datasets/read-dataset-folder.js';
import { tuningSchema } from '../../../freestyle/tuning.js';
import { encodePng } from '../../../image/image-codec.js';
import { loadModel, openBackbone } from '../../../models/load-model.js';
import { stripes } from '../../../testing/index.js';
import { type ModelBundle, readBundle } from '../../../weights/model-bundle.js';
import { type EyeData, openEyeData } from './eye-data.js';
import { writeTinyEye } from './fixtures/tiny-eye.js';
import { trainEyeBase } from './train-eye-base.js';
import { trainEyeQuery } from './train-eye-query.js';

const session = { threads: 1 };
let folder: string;
let bundle: ModelBundle;
let data: EyeData;
const at = (...parts: string[]) => join(folder, ...parts);
const common = () => ({ bundle, datasets: [], seed: 3, session, onProgress: () => undefined });

/** Eight photos with captions, a painting and two sketches. */
async function writeDataset(): Promise<void> {
  await mkdir(at('set'), { recursive: true });
  const picture = async (name: string, seed: number) =>
    writeFile(at('set', name), await encodePng(stripes(seed, 80)));
  const records: object[] = [];
  for (let i = 0; i < 8; i++) {
    await picture(`p${i}.png`, i);
    records.push({
      kind: 'image',
      file: `p${i}.png`,
      captions: [`stripes number ${i}`, `picture ${i}`],
      class: i % 2 ? 'dog' : 'cat',
    });
  }
  for (const [file, style] of [
    ['a.png', 'art'],
    ['s.png', 'sketch'],
    ['t.png', 'sketch'],
    ['c.png', 'cartoon'],
  ] as const) {
    await picture(file, file.charCodeAt(0));
    records.push({
      kind: 'query',
      style,
      file,
      class: 'dog',
      ...(file === 't.png' ? { target: 'p1.png' } : {}),
    });
  }
  await writeFile(at('set', 'manifest.jsonl'), records.map((one) => JSON.stringify(one)).join('\n'));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-eye-'));
  bundle = await writeTinyEye(at('imported'));
  await writeDataset();
  data = await openEyeData({
    ...common(),
    datasets: [await readDatasetFolder(at('set'))],
    cache: at('data'),
    draws: 10,
  });
}, 120_000);
afterAll(async () => {
  await data?.close();
  await rm(folder, { recursive: true });
});

const base = (
  name: string,
  signal?: AbortSignal,
  onStep: (step: number) => void = () => undefined,
  more: object = {},
) =>
  trainEyeBase({
    ...common(),
    data: {
      ...data,
      weights: new Map([...data.weights].map(([n, { shape, data: d }]) => [n, { shape, data: d.slice() }])),
    },
    pooledSteps: 3,
    steps: 3,
    batch: { captioned: 4, versions: 3 },
    rate: 1e-3,
    work: at(`${name}-work`),
    out: at(name, 'backbone'),
    name: 'tiny-eye',
    training: {},
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.kind === 'step') onStep(event.step);
    },
    ...more,
  });

describe('training the eye', () => {
  it('a base stage that was stopped half-way ends as one left alone, and the trunk stays', async () => {
    const whole = await base('whole');
    const stop = new AbortController();
    await expect(base('halved', stop.signal, (step) => step === 4 && stop.abort())).rejects.toThrow();
    const resumed = await base('halved');
    expect(resumed.hash).toBe(whole.hash);
    const [before, after] = await Promise.all(
      [at('imported'), at('whole', 'backbone')].map((one) => openBackbone(one)),
    );
    for (const [name, { data: values }] of before?.weights ?? [])
      if (name.startsWith('image.trunk.') || name.startsWith('text.bert.'))
        expect(after?.weights.get(name)?.data, name).toEqual(values);
  }, 120_000);

  it('goes on from a backbone without a step: its heads stay, its maps and known words are there', async () => {
    const from = await openBackbone((await base('first')).folder);
    const { folder: at } = await base('second', undefined, undefined, { from, pooledSteps: 0, steps: 0 });
    const after = await openBackbone(at);
    expect([...after.weights.keys()].sort()).toEqual([...from.weights.keys()].sort());
    for (const name of ['image.head.up.weight', 'text.head.down.weight', 'image.outlines.weight'])
      expect(after.weights.get(name)?.data, name).toEqual(from.weights.get(name)?.data);
  }, 120_000);

  it('a query stage gives a tower that opens beside its backbone and tells styles', async () => {
    const { folder: backboneAt } = await base('full');
    await trainEyeQuery({
      ...common(),
      data,
      backbone: await openBackbone(backboneAt),
      tuning: tuningSchema.parse({
        method: 'freestyle',
        gated: true,
        whole: true,
        keepTrunk: true,
        lateTrunk: true,
        appearance: true,
      }),
      steps: 3,
      styleSteps: 3,
      batch: { drawn: 4, human: 3 },
      rate: 1e-3,
      work: at('query-work'),
      out: at('full', 'query'),
      name: 'tiny-eye',
      training: {},
    });
    const tower = await readBundle(at('full', 'query'));
    const names = (await tower.tensors('weights.safetensors')).names();
    const trunk = names.filter((name) => name.startsWith('query.image.trunk.'));
    const early = /^query\.image\.trunk\.(stem|blocks\.[0-3])\./;
    expect(trunk.some((name) => name.startsWith('query.image.trunk.head.'))).toBe(true);
    expect(trunk.filter((name) => early.test(name))).toEqual([]);
    const model = await loadModel(at('full', 'query'));
    try {
      const [seen] = await model.encodeQueries([stripes(1, 64)]);
      expect(Math.hypot(...(seen?.vector ?? []))).toBeCloseTo(1, 3);
      expect(seen?.style?.weights.map(({ style }) => style)).toEqual(['photo', 'art', 'sketch', 'lowres']);
      const [photo] = await model.encodeImages([stripes(1, 64)]);
      const [plain] = await model.encodeQueries([stripes(1, 64)], 'photo');
      expect(plain?.vector).toEqual(photo);
      // 16 numbers for what is meant, one that words alone fill, 6 for colours, 8 for outlines.
      const [sketch] = await model.encodeQueries([stripes(1, 64)], 'sketch');
      const part = (vector: Float32Array | undefined, start: number, end: number) =>
        Math.hypot(...(vector?.subarray(start, end) ?? []));
      expect(part(photo, 16, 17)).toBe(0);
      expect(part(sketch?.vector, 17, 23)).toBeCloseTo(0, 3);
      expect(part(sketch?.vector, 23, 31)).toBeGreaterThan(part(photo, 23, 31));
      const [words] = await model.encodeTexts(['a dog']);
      expect(part(words, 17, 31)).toBe(0);
    } finally {
      await model.close();
    }
  }, 120_000);
});
