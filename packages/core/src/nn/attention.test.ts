import { describe, expect, test } from 'vitest';
import { createGraph, input, type Tensor } from '../onnx/graph.js';
import { evaluate } from '../onnx/testing/reference-evaluator.js';
import { type Value, value } from '../onnx/testing/reference-value.js';
import { createRandom } from '../random.js';
import { attention, causalMask, toHeads } from './attention.js';

const random = createRandom('attention');
const draw = (rows: number, columns: number): Value =>
  value(
    [rows, columns],
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  );

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly headDim: number;
  readonly queryTokens: number;
  readonly keyTokens: number;
  readonly causal: boolean;
}

/** Row `softmax(q·K / √headDim)·V` of one query in one head, written out. */
function plainAttention(q: Value, k: Value, v: Value, sizes: Sizes): number[] {
  const { batch, heads, headDim, queryTokens, keyTokens, causal } = sizes;
  const width = heads * headDim;
  const at = (x: Value, row: number, column: number) => x.data[row * width + column] ?? Number.NaN;
  const out = new Array<number>(batch * queryTokens * width).fill(0);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < queryTokens; i++) {
        const seen = causal ? i + 1 : keyTokens;
        const scores = Array.from({ length: seen }, (_, j) => {
          let dot = 0;
          for (let c = head * headDim; c < (head + 1) * headDim; c++)
            dot += at(q, b * queryTokens + i, c) * at(k, b * keyTokens + j, c);
          return Math.exp(dot / Math.sqrt(headDim));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        for (let c = head * headDim; c < (head + 1) * headDim; c++) {
          const mixed = scores.reduce((sum, score, j) => sum + score * at(v, b * keyTokens + j, c), 0);
          out[(b * queryTokens + i) * width + c] = mixed / total;
        }
      }
    }
  }
  return out;
}

describe('attention', () => {
  test.each<[string, Sizes]>([
    ['one head', { batch: 1, heads: 1, headDim: 4, queryTokens: 3, keyTokens: 3, causal: false }],
    [
      'several pictures and heads',
      { batch: 2, heads: 3, headDim: 2, queryTokens: 4, keyTokens: 4, causal: false },
    ],
    [
      'another number of keys',
      { batch: 2, heads: 2, headDim: 3, queryTokens: 2, keyTokens: 5, causal: false },
    ],
    ['causal', { batch: 2, heads: 2, headDim: 2, queryTokens: 4, keyTokens: 4, causal: true }],
  ])('is the sum written out: %s', (_name, sizes) => {
    const width = sizes.heads * sizes.headDim;
    const graph = createGraph('attention');
    const values = [
      draw(sizes.batch * sizes.queryTokens, width),
      draw(sizes.batch * sizes.keyTokens, width),
      draw(sizes.batch * sizes.keyTokens, width),
    ] as const;
    const tensors = values.map((x, i) => input(graph, `x${i}`, x.shape)) as [Tensor, Tensor, Tensor];
    const { batch, heads, queryTokens, keyTokens } = sizes;
    const inHeads = tensors.flatMap((tensor, i) =>
      toHeads(tensor, { batch, heads, tokens: i === 0 ? queryTokens : keyTokens }),
    ) as [Tensor, Tensor, Tensor];
    const mask = sizes.causal ? causalMask(tensors[0], sizes.queryTokens) : undefined;
    const [y] = evaluate(
      [attention(...inHeads, mask)],
      new Map(tensors.map((tensor, i) => [tensor, values[i] as Value])),
    );
    const expected = plainAttention(...values, sizes);
    const gap = Math.max(...expected.map((v, i) => Math.abs(v - (y?.data[i] ?? Number.NaN))));
    expect(gap).toBeLessThan(1e-12);
  });
});
