import { describe, expect, test } from 'vitest';
import { createGraph, input, type Tensor } from '../onnx/graph.js';
import { evaluate } from '../onnx/testing/reference-evaluator.js';
import { type Value, value } from '../onnx/testing/reference-value.js';
import { createRandom } from '../random.js';
import { bindParameters, initialise } from './parameters.js';
import { type TransformerHooks, transformer, transformerSpecs } from './transformer.js';

const config = { width: 6, layers: 2, heads: 2, hidden: 8, activation: 'quick_gelu' } as const;
const [BATCH, TOKENS, COUNT] = [2, 3, 2];
const random = createRandom('transformer');
const draw = (rows: number): Value =>
  value(
    [rows, 6],
    Float32Array.from({ length: rows * 6 }, () => random.normal()),
  );
const x = draw(BATCH * TOKENS);
const prompts = draw(BATCH * COUNT);
const weights = initialise(transformerSpecs('t', config), createRandom('weights'));

/** Output rows for given tokens, with hooks that may use a tensor of prompts. */
function run(tokens: Value, prompt: Value, hooks: (prompt: Tensor) => TransformerHooks, causal = false) {
  const graph = createGraph('transformer');
  const { source } = bindParameters(graph, weights);
  const scoped = (name: string, shape: readonly number[]) => source(`t.${name}`, shape);
  const [tokenInput, promptInput] = [input(graph, 'x', tokens.shape), input(graph, 'prompts', prompt.shape)];
  const y = transformer(scoped, tokenInput, { ...config, causal }, BATCH, TOKENS, hooks(promptInput));
  const [result] = evaluate(
    [y],
    new Map([
      [tokenInput, tokens],
      [promptInput, prompt],
    ]),
  );
  return result?.data ?? new Float64Array(0);
}

/** One element moves: a whole row moved by one would be taken back by the normalisation. */
const changed = (given: Value, row: number): Value => ({
  shape: given.shape,
  data: given.data.map((v, at) => (at === 6 * row ? v + 1 : v)),
});

/** Which output rows differ. */
const differing = (a: Float64Array, b: Float64Array): number[] =>
  Array.from({ length: a.length / 6 }, (_, row) => row).filter((row) =>
    a.subarray(6 * row, 6 * row + 6).some((v, i) => Math.abs(v - (b[6 * row + i] ?? Number.NaN)) > 1e-9),
  );

describe('transformer', () => {
  test('a picture sees its own tokens and no other picture', () => {
    const plain = run(x, prompts, () => ({}));
    expect(plain.length).toBe(BATCH * TOKENS * 6);
    expect(
      differing(
        plain,
        run(changed(x, 1), prompts, () => ({})),
      ),
    ).toEqual([0, 1, 2]);
  });

  test('a causal token sees itself and what came before', () => {
    const plain = run(x, prompts, () => ({}), true);
    expect(
      differing(
        plain,
        run(changed(x, 4), prompts, () => ({}), true),
      ),
    ).toEqual([4, 5]);
  });

  test('prompts reach the tokens of their own picture, and leave with their layer', () => {
    const inLayer = (layer: number) => (tokens: Tensor) => ({
      prompts: (at: number) => (at === layer ? { tokens, count: COUNT } : null),
    });
    for (const layer of [0, 1]) {
      const with0 = run(x, prompts, inLayer(layer));
      expect(with0.length).toBe(BATCH * TOKENS * 6);
      expect(
        differing(
          with0,
          run(x, prompts, () => ({})),
        ),
      ).toEqual([0, 1, 2, 3, 4, 5]);
      // Rows 2 and 3 of the prompts belong to the second picture.
      expect(differing(with0, run(x, changed(prompts, 3), inLayer(layer)))).toEqual([3, 4, 5]);
    }
  });

  test('an addition is made where it is asked for and nowhere else', () => {
    const sites: string[] = [];
    const plain = run(x, prompts, () => ({
      delta: (layer, site) => {
        sites.push(`${layer} ${site}`);
        return null;
      },
    }));
    expect(sites).toEqual(['0 qkv', '0 out', '0 up', '0 down', '1 qkv', '1 out', '1 up', '1 down']);
    expect(
      differing(
        plain,
        run(x, prompts, () => ({})),
      ),
    ).toEqual([]);
    const added = run(x, prompts, () => ({
      delta: (layer, site, given) => (layer === 1 && site === 'out' ? given : null),
    }));
    expect(differing(plain, added).length).toBe(6);
  });
});
