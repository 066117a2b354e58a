import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bindParameters, within } from '../../nn/parameters.js';
import { constant, createGraph, input, output } from '../../onnx/graph.js';
import { createSession, float32 } from '../../runtime/session.js';
import { readPytorchCheckpoint } from '../../weights/pytorch-checkpoint.js';
import { loadSafetensors, readSafetensors } from '../../weights/read-safetensors.js';
import { cleanCaption } from '../albef/clean-caption.js';
import { inferVitBertConfig, readVitBertWeights } from '../albef/vit-bert-checkpoint.js';
import { createBertSession } from '../bert/bert-session.js';
import { bertFeeds, bertTower } from '../bert/bert-tower.js';
import { createVitSession } from '../clip/clip-sessions.js';
import { loadPretrainedModel } from '../pretrained-model.js';
import { parseBlipConfig, readBlipWeights } from './hugging-face-blip.js';

const golden = (file: string): string => fileURLToPath(new URL(`../../../golden/${file}`, import.meta.url));

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? Number.NaN))),
    0,
  );
};

const loaders = {
  'blip-tiny': async () => {
    const json: unknown = JSON.parse(await readFile(golden('blip-tiny/config.json'), 'utf8'));
    const config = parseBlipConfig(json, 'blip-tiny');
    const tensors = await readSafetensors(golden('blip-tiny/model.safetensors'));
    return { config, weights: await readBlipWeights(tensors, config).finally(() => tensors.close()) };
  },
  'albef-tiny': async () => {
    const tensors = await readPytorchCheckpoint(golden('albef-tiny/ALBEF.pth'));
    const config = inferVitBertConfig(tensors, 'before-fusion', 8);
    return { config, weights: await readVitBertWeights(tensors, config).finally(() => tensors.close()) };
  },
};

describe.each(Object.entries(loaders))('%s, against the reference', (name, load) => {
  const expected = loadSafetensors(golden(`${name}/expected.safetensors`));
  const at = async (key: string) => (await expected).get(key) ?? expect.fail(`golden file lacks "${key}"`);

  it('image embeddings agree to 1e-4', async () => {
    const { config, weights } = await load();
    const session = await createVitSession(weights, config.image);
    const { data, shape } = await at('pixels');
    const { raw } = await session.run({ pixels: float32(data, shape) });
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, (await at('images')).data)).toBeLessThan(1e-4);
  });

  it('text embeddings agree to 1e-4, with padding and without', async () => {
    const { config, weights } = await load();
    const ids = Int32Array.from((await at('ids')).data);
    const lengths = Int32Array.from((await at('lengths')).data);
    const texts = (await at('texts')).data;
    const session = await createBertSession(weights, { ...config.text, context: 10 });
    const { raw } = await session.run(bertFeeds({ ids, lengths }, 10));
    await session.close();
    expect(largestDifference(raw?.data as Float32Array, texts)).toBeLessThan(1e-4);
    const short = await createBertSession(weights, { ...config.text, context: 5 });
    const alone = await short.run(bertFeeds({ ids: ids.slice(0, 5), lengths: lengths.slice(0, 1) }, 5));
    await short.close();
    expect(largestDifference(alone.raw?.data as Float32Array, texts.subarray(0, 20))).toBeLessThan(1e-4);
  });
});

it('prompts in every layer of a BERT are seen by the text and hidden from the output’s shape', async () => {
  const { config, weights } = await loaders['blip-tiny']();
  const { width } = config.text;
  const run = async (value: number | null): Promise<Float32Array> => {
    const graph = createGraph('prompted');
    const ids = input(graph, 'ids', [1, 10], 'int64');
    const mask = input(graph, 'mask', [1, 10]);
    const tokens =
      value === null ? null : constant(graph, new Float32Array(2 * width).fill(value), [2, width]);
    const prompts = () => (tokens ? { tokens, count: 2 } : null);
    const { source } = bindParameters(graph, weights);
    const text = { ...config.text, context: 10 };
    output(graph, 'raw', bertTower(within(source, 'text'), ids, mask, text, { prompts }));
    const session = await createSession(graph);
    const batch = { ids: Int32Array.of(3, 5, 9, 33, 4, 0, 0, 0, 0, 0), lengths: Int32Array.of(5) };
    const { raw } = await session.run(bertFeeds(batch, 10));
    await session.close();
    return raw?.data as Float32Array;
  };
  const [plain, one, other] = [await run(null), await run(0.5), await run(-2)];
  expect(one).toHaveLength(20);
  expect(largestDifference(plain, one)).toBeGreaterThan(1e-3);
  expect(largestDifference(one, other)).toBeGreaterThan(1e-3);
});

it('the shape of an ALBEF is read off its weights, without the fusion layers', async () => {
  const { config } = await loaders['albef-tiny']();
  expect(config.image).toMatchObject({
    width: 32,
    layers: 2,
    heads: 4,
    hidden: 80,
    imageSize: 24,
    patchSize: 8,
  });
  expect(config.text).toMatchObject({
    width: 24,
    layers: 2,
    heads: 3,
    hidden: 64,
    vocabulary: 60,
    positions: 16,
  });
});

it('a BLIP folder opens as a model whose scores are the reference’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blip-'));
  for (const file of ['config.json', 'model.safetensors'])
    await copyFile(golden(`blip-tiny/${file}`), join(folder, file));
  const words = [
    '[PAD]',
    '[UNK]',
    '[MASK]',
    '[CLS]',
    '[SEP]',
    ...Array.from({ length: 55 }, (_, i) => `w${i + 5}`),
  ];
  await writeFile(join(folder, 'vocab.txt'), words.join('\n'));
  const model = await loadPretrainedModel(`blip:${folder}`, undefined);
  const [vector = new Float32Array(), empty = vector] = await model.encodeTexts(['W5 w9 w33', '']);
  await model.close();
  await rm(folder, { recursive: true });
  const units =
    (await loadSafetensors(golden('blip-tiny/expected.safetensors'))).get('texts')?.data ?? vector;
  const cosine = (a: Float32Array, b: Float32Array) => {
    const dot = (x: Float32Array, y: Float32Array) =>
      x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  expect(cosine(vector, units.subarray(0, 20))).toBeCloseTo(1, 5);
  expect(cosine(empty, units.subarray(20, 40))).toBeCloseTo(1, 5);
});

it('captions are cleaned as ALBEF was trained', () => {
  expect(cleanCaption('A dog (brown), on a snow-covered hill/road!  <person> runs.')).toBe(
    'a dog brown on a snow covered hill road person runs',
  );
  expect(cleanCaption('w '.repeat(40)).split(' ')).toHaveLength(30);
});
