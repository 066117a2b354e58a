import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindParameters, type ParameterMap, within } from '../../nn/parameters.js';
import { createGraph, input, output } from '../../onnx/graph.js';
import { reduceMean } from '../../onnx/ops/index.js';
import { createSession, type HostTensor, hostTensor, type Session } from '../../runtime/session.js';
import { loadTokenizer } from '../../text/load-tokenizer.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { readBundle } from '../../weights/model-bundle.js';
import { bertFeeds } from '../bert/bert-tower.js';
import { backboneFolder } from '../small/open-backbone.js';
import { readBundleWeights } from '../small/read-small-bundle.js';
import { type EyeConfig, eyeConfigSchema } from './config.js';
import { eyeFeatures } from './image-tower.js';
import { sentenceFeatures } from './text-tower.js';

interface Golden {
  readonly fine: number[];
  readonly fineNorm: number;
  readonly pooled: number[];
  readonly pooledNorm: number;
  readonly texts: {
    readonly text: string;
    readonly layers: Record<string, number[]>;
    readonly norms: Record<string, number>;
  }[];
}

const golden: Golden = JSON.parse(
  await readFile(new URL('../../../golden/eye/expected.json', import.meta.url), 'utf8'),
);

let config: EyeConfig;
let weights: ParameterMap;
let tokenizer: Tokenizer;
const sessions: Session[] = [];
beforeAll(async () => {
  const bundle = await readBundle(backboneFolder);
  config = eyeConfigSchema.parse(bundle.manifest.config);
  weights = await readBundleWeights(bundle);
  tokenizer = await loadTokenizer(bundle.path('tokenizer.json'));
});
afterAll(() => Promise.all(sessions.map((session) => session.close())));

const furthest = (got: readonly number[], expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN))));

describe('the pretrained parts of the bundled model, against PyTorch', () => {
  it('the trunk sees what the published one sees, but for half precision', async () => {
    const { size } = config.image;
    const graph = createGraph('trunk');
    const pixels = input(graph, 'pixels', [1, size, size, 3], 'uint8');
    const { source } = bindParameters(graph, weights);
    const seen = eyeFeatures(within(source, 'image'), pixels, config);
    output(graph, 'fine', seen.fine);
    output(graph, 'pooled', reduceMean(seen.coarse, { axes: [2, 3] }));
    const session = await createSession(graph, { threads: 1 });
    sessions.push(session);
    const result = await session.run({ pixels: hostTensor('uint8', picture(size), [1, size, size, 3]) });
    const [fine, pooled] = [result.fine, result.pooled].map((one) => floats(one));
    const side = size / 16;
    // Row 3, column 4 of the first channels.
    const at = golden.fine.map((_, channel) => fine?.[channel * side * side + 3 * side + 4] ?? Number.NaN);
    expect(furthest(at, golden.fine)).toBeLessThan(0.05);
    expect(Math.hypot(...(fine ?? [])) / golden.fineNorm).toBeCloseTo(1, 3);
    expect(furthest(pooled ?? [], golden.pooled)).toBeLessThan(0.01);
    expect(Math.hypot(...(pooled ?? [])) / golden.pooledNorm).toBeCloseTo(1, 2);
  });

  it('the sentence encoder reads what the published one reads, but for eight bits', async () => {
    const { context, width, read } = config.text;
    const graph = createGraph('sentences');
    const ids = input(graph, 'ids', [golden.texts.length, context], 'int64');
    const mask = input(graph, 'mask', [golden.texts.length, context]);
    const { source } = bindParameters(graph, weights);
    output(graph, 'means', sentenceFeatures(within(source, 'text'), ids, mask, config));
    const session = await createSession(graph, { threads: 1 });
    sessions.push(session);
    const texts = golden.texts.map(({ text }) => text);
    const { means } = await session.run(bertFeeds(tokenizer.encodeBatch(texts, context), context));
    for (const [row, { layers, norms }] of golden.texts.entries()) {
      for (const [place, layer] of read.entries()) {
        const start = (row * read.length + place) * width;
        const got = floats(means).slice(start, start + width);
        expect(furthest(got, layers[layer] ?? []), `text ${row}, layer ${layer}`).toBeLessThan(0.05);
        expect(Math.hypot(...got) / (norms[layer] ?? 0)).toBeCloseTo(1, 1);
      }
    }
  });
});

/** The numbers of an output. */
const floats = (tensor: HostTensor | undefined): number[] =>
  tensor?.data instanceof Float32Array ? [...tensor.data] : [];

/** Every channel of every pixel from its place, by whole numbers alone. */
function picture(size: number): Uint8Array {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++)
        data[(y * size + x) * 3 + c] = (7 * x + 13 * y + 50 * c + ((x * y) % 31)) % 256;
  return data;
}
