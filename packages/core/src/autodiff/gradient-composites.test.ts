import { describe, expect, test } from 'vitest';
import type { SmallConfig } from '../models/small/config.js';
import { imageTower, imageTowerSpecs } from '../models/small/image-tower.js';
import { textTower, textTowerSpecs } from '../models/small/text-tower.js';
import { attention, causalMask, toHeads } from '../nn/attention.js';
import { l2Normalise } from '../nn/l2-normalise.js';
import { layerNorm, layerNormSpecs } from '../nn/layer-norm.js';
import {
  bindParameters,
  initialise,
  type ParameterSource,
  type ParameterSpec,
  within,
} from '../nn/parameters.js';
import { activations, transformer, transformerSpecs } from '../nn/transformer.js';
import { constant, createGraph, type Graph, input, type Tensor } from '../onnx/graph.js';
import { exp, fusedMatMul, gemm, leakyRelu, mul, softmax } from '../onnx/ops/index.js';
import { type Value, value } from '../onnx/testing/reference-value.js';
import { createRandom } from '../random.js';
import { cosineLoss, infoNce, tripletLoss } from '../training/losses.js';
import { gradientMismatches, type Mismatch, probe } from './testing/check-gradients.js';

/** Builds a graph over fresh weights (deviation 0.5 unless the specification is a number) and checks every weight. */
function mismatches(
  specs: Record<string, ParameterSpec>,
  build: (graph: Graph, weights: ParameterSource, feed: (tensor: Tensor, given: Value) => Tensor) => Tensor,
  elements = 5,
): Mismatch[] {
  const random = createRandom('composite');
  // Weights of ones and zeros would hide factors; all are drawn.
  const spread = Object.entries(specs).map(([name, { shape, init }]) => [
    name,
    { shape, init: typeof init === 'number' ? init : 0.5 },
  ]);
  const weights = initialise(Object.fromEntries(spread), random);
  const graph = createGraph('composite');
  const { source, bound } = bindParameters(graph, weights, () => true);
  const feeds = new Map<Tensor, Value>();
  const feed = (tensor: Tensor, given: Value) => {
    feeds.set(tensor, given);
    return tensor;
  };
  const y = build(graph, source, feed);
  for (const [name, tensor] of bound) {
    const weight = weights.get(name);
    if (weight) feeds.set(tensor, value(weight.shape, weight.data));
  }
  const loss = y.shape.length === 0 ? y : probe(graph, y);
  expect(bound.size).toBe(Object.keys(specs).length);
  return gradientMismatches(loss, [...bound.values()], feeds, { elements });
}

const spec = (...shape: number[]): ParameterSpec => ({ shape, init: 1 });

describe('gradients of composites agree with central differences', () => {
  test('attention, plain, causal and across two lengths', () => {
    const shape = { batch: 2, heads: 2, tokens: 3, parts: 3 };
    for (const causal of [false, true]) {
      const found = mismatches({ qkv: spec(6, 12) }, (_graph, w) => {
        const [q, k, v] = toHeads(w('qkv', [6, 12]), shape) as [Tensor, Tensor, Tensor];
        return attention(q, k, v, causal ? causalMask(q, 3) : undefined);
      });
      expect(found).toEqual([]);
    }
    const cross = { q: spec(4, 4), k: spec(10, 4), v: spec(10, 4) };
    const found = mismatches(cross, (_graph, w) => {
      const [q, k, v] = [w('q', [4, 4]), w('k', [10, 4]), w('v', [10, 4])].flatMap((x, i) =>
        toHeads(x, { batch: 2, heads: 2, tokens: i === 0 ? 2 : 5 }),
      ) as [Tensor, Tensor, Tensor];
      return attention(q, k, v);
    });
    expect(found).toEqual([]);
  });

  test('layer normalisation', () => {
    const found = mismatches({ x: spec(3, 6), ...layerNormSpecs('norm', 6) }, (_graph, w) =>
      layerNorm(within(w, 'norm'), w('x', [3, 6])),
    );
    expect(found).toEqual([]);
  });

  test.each(Object.keys(activations) as (keyof typeof activations)[])('the activation %s', (name) => {
    expect(mismatches({ x: spec(3, 4) }, (_graph, w) => activations[name](w('x', [3, 4])))).toEqual([]);
  });

  test('a transformer with prompts in one layer and low-rank additions in the other', () => {
    const config = { width: 4, layers: 2, heads: 2, hidden: 6, activation: 'quick_gelu' } as const;
    const [batch, tokens, count] = [2, 3, 2];
    const specs = {
      x: spec(batch * tokens, 4),
      ...transformerSpecs('t', config),
      prompts: spec(batch * count, 4),
      down: spec(4, 2),
      up: spec(2, 12),
    };
    const found = mismatches(
      specs,
      (_graph, w) =>
        transformer(within(w, 't'), w('x', [batch * tokens, 4]), config, batch, tokens, {
          prompts: (layer) => (layer === 0 ? { tokens: w('prompts', [batch * count, 4]), count } : null),
          delta: (layer, site, x) =>
            layer === 1 && site === 'qkv' ? gemm(gemm(x, w('down', [4, 2])), w('up', [2, 12])) : null,
        }),
      3,
    );
    expect(found).toEqual([]);
  });

  test('unit rows', () => {
    expect(mismatches({ x: spec(3, 4) }, (_graph, w) => l2Normalise(w('x', [3, 4])))).toEqual([]);
  });

  test('InfoNCE: both directions, one direction, blocked pairs', () => {
    const specs = { a: spec(3, 4), b: spec(3, 4), scale: spec() };
    for (const options of [{}, { symmetric: false }, { blocked: true }]) {
      const found = mismatches(specs, (graph, w) => {
        const rows = (name: string) => l2Normalise(w(name, [3, 4]));
        const mask = Float32Array.of(0, -30_000, 0, -30_000, 0, 0, 0, 0, 0);
        return infoNce(rows('a'), rows('b'), w('scale', []), {
          symmetric: options.symmetric !== false,
          ...('blocked' in options ? { blocked: constant(graph, mask, [3, 3]) } : {}),
        });
      });
      expect(found).toEqual([]);
    }
  });

  test('cosine and triplet losses', () => {
    const specs = { a: spec(4, 3), b: spec(4, 3), c: spec(4, 3) };
    const found = mismatches(specs, (graph, w) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => l2Normalise(w(name, [4, 3]))) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      return mul(tripletLoss(a, b, c, 0.3), exp(mul(cosineLoss(a, c), constant(graph, 0.5))));
    });
    expect(found).toEqual([]);
  });

  test('a softmax over leaky scores from an outer product', () => {
    const found = mismatches({ h: spec(4, 3), left: spec(3, 1), right: spec(3, 1) }, (_graph, w) => {
      const h = w('h', [4, 3]);
      const scores = fusedMatMul(gemm(h, w('left', [3, 1])), gemm(h, w('right', [3, 1])), { transB: true });
      return gemm(softmax(leakyRelu(scores, 0.2)), h);
    });
    expect(found).toEqual([]);
  });
});

const config: SmallConfig = {
  model_type: 'freestyle-small',
  embedding: 3,
  image: { size: 8, stem: [2, 4], width: 4, layers: 1, heads: 2, hidden: 6, activation: 'gelu' },
  text: { vocabulary: 7, context: 4, width: 4, layers: 1, heads: 2, hidden: 6, activation: 'quick_gelu' },
};

describe('gradients of the small model agree with central differences', () => {
  test('the image tower: convolutional stem, positions, dropped patches, transformer, projection', () => {
    const random = createRandom('pixels');
    const pixels = value(
      [2, 8, 8, 3],
      Array.from({ length: 2 * 8 * 8 * 3 }, () => random.integer(256)),
    );
    const found = mismatches(
      imageTowerSpecs('image', config),
      (graph, w, feed) => {
        const rows = feed(input(graph, 'rows', [4], 'int64'), value([4], [0, 3, 5, 6]));
        const x = feed(input(graph, 'pixels', [2, 8, 8, 3], 'uint8'), pixels);
        return imageTower(within(w, 'image'), x, config, { keep: { rows, count: 2 } }).embedding;
      },
      3,
    );
    expect(found).toEqual([]);
  });

  test('the text tower: repeated words, causal mask, end-of-text pooling', () => {
    const found = mismatches(
      textTowerSpecs('text', config),
      (graph, w, feed) => {
        const ids = feed(input(graph, 'ids', [8], 'int64'), value([8], [1, 4, 4, 6, 1, 6, 0, 0]));
        const ends = feed(input(graph, 'ends', [2], 'int64'), value([2], [3, 5]));
        return textTower(within(w, 'text'), ids, ends, config, 2, 4);
      },
      3,
    );
    expect(found).toEqual([]);
  });
});
