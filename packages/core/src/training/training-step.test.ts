import { describe, expect, test } from 'vitest';
import { layerNorm, layerNormSpecs } from '../nn/layer-norm.js';
import { linear, linearSpecs } from '../nn/linear.js';
import { initialise, type Parameter, within } from '../nn/parameters.js';
import { transformer, transformerSpecs } from '../nn/transformer.js';
import { input } from '../onnx/graph.js';
import { mul, reduceMean, reduceSum, reshape, sqrt, sub } from '../onnx/ops/index.js';
import { createRandom } from '../random.js';
import { float32 } from '../runtime/session.js';
import { type AdamWState, adamW } from './adamw.js';
import { createTrainingStep, DivergedError } from './training-step.js';

const config = { width: 16, layers: 2, heads: 4, hidden: 32, activation: 'quick_gelu' } as const;
const TOKENS = 5;

const freshWeights = (seed: string) =>
  initialise(
    {
      ...transformerSpecs('t', config),
      ...layerNormSpecs('norm', 16),
      ...linearSpecs('head', 16, 3),
      frozen: { shape: [TOKENS, 16], init: 1 },
    },
    createRandom(seed),
  );

/** A small transformer that learns to give the first numbers of its tokens' mean. */
const trainer = (weights: Map<string, Parameter>, batch: number, clipNorm?: number) =>
  createTrainingStep<AdamWState>({
    name: 'small transformer',
    weights,
    trainable: (name) => name !== 'frozen',
    build: (graph, w) => {
      const x = input(graph, 'x', [batch * TOKENS, 16]);
      const y = input(graph, 'y', [batch, 3]);
      const hidden = layerNorm(within(w, 'norm'), transformer(within(w, 't'), x, config, batch, TOKENS));
      const pooled = reduceMean(reshape(hidden, [batch, TOKENS, 16]), { axes: [1] });
      const error = sub(linear(within(w, 'head'), pooled, 16, 3), y);
      return {
        loss: reduceMean(mul(error, error)),
        metrics: { offset: reduceMean(error), anchor: reduceSum(w('frozen', [TOKENS, 16])) },
      };
    },
    optimiser: adamW({ weightDecay: () => 0.01 }),
    ...(clipNorm === undefined ? {} : { clipNorm }),
  });

const batchOf = (seed: string, batch: number) => {
  const random = createRandom(seed);
  const x = Float32Array.from({ length: batch * TOKENS * 16 }, () => random.normal());
  const y = Float32Array.from(
    { length: batch * 3 },
    (_, i) => x[(i % 3) + 16 * TOKENS * Math.floor(i / 3)] ?? 0,
  );
  return { x: float32(x, [batch * TOKENS, 16]), y: float32(y, [batch, 3]) };
};

const bytes = (weights: ReadonlyMap<string, Parameter>) =>
  Buffer.concat([...weights.values()].map(({ data }) => Buffer.from(data.buffer)));

async function train(seed: string, steps: number): Promise<{ losses: number[]; weights: Buffer }> {
  const weights = freshWeights(seed);
  const step = await trainer(weights, 8, 1);
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push((await step.step([batchOf(`${i % 4}`, 8)], 3e-3)).loss);
  await step.close();
  return { losses, weights: bytes(weights) };
}

describe('training step', () => {
  test('the same seed gives the same bits, another seed does not', async () => {
    const [first, second, other] = [await train('a', 12), await train('a', 12), await train('b', 12)];
    expect(second.losses).toEqual(first.losses);
    expect(second.weights.equals(first.weights)).toBe(true);
    expect(other.weights.equals(first.weights)).toBe(false);
  });

  test('clipping bounds the gradients that the moments are made of', async () => {
    const limit = 1e-3;
    const [free, clipped] = [await trainer(freshWeights('c'), 8), await trainer(freshWeights('c'), 8, limit)];
    const momentNorm = ({ first }: AdamWState) =>
      Math.hypot(...[...first.values()].map((mean) => Math.hypot(...mean)));
    const [{ gradientNorm }, same] = [
      await free.step([batchOf('c', 8)], 1e-3),
      await clipped.step([batchOf('c', 8)], 1e-3),
    ];
    expect(same.gradientNorm).toBe(gradientNorm);
    expect(gradientNorm).toBeGreaterThan(2 * limit);
    // The first mean is a tenth of the first gradient.
    expect(momentNorm(free.state) / (0.1 * gradientNorm)).toBeCloseTo(1, 4);
    expect(momentNorm(clipped.state) / (0.1 * limit)).toBeCloseTo(1, 4);
    await Promise.all([free.close(), clipped.close()]);
  });

  test('the loss falls', async () => {
    const { losses } = await train('a', 60);
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-4))).toBeLessThan(0.3 * mean(losses.slice(0, 4)));
  });

  test('two accumulated half batches move the weights as the whole batch does', async () => {
    const [halves, whole] = [batchOf('left', 4), batchOf('right', 4)];
    const joined = {
      x: float32(Float32Array.of(...(halves.x.data as Float32Array), ...(whole.x.data as Float32Array)), [
        8 * TOKENS,
        16,
      ]),
      y: float32(
        Float32Array.of(...(halves.y.data as Float32Array), ...(whole.y.data as Float32Array)),
        [8, 3],
      ),
    };
    const [small, large] = [freshWeights('a'), freshWeights('a')];
    const [bySmall, byLarge] = [await trainer(small, 4, 0.1), await trainer(large, 8, 0.1)];
    const a = await bySmall.step([halves, whole], 1e-3);
    const b = await byLarge.step([joined], 1e-3);
    await bySmall.close();
    await byLarge.close();
    expect(a.loss).toBeCloseTo(b.loss, 6);
    expect(a.gradientNorm).toBeCloseTo(b.gradientNorm, 5);
    expect(a.metrics.offset).toBeCloseTo(b.metrics.offset ?? Number.NaN, 6);
    // First moments are the (clipped) gradients themselves; a weight's first step is only their sign.
    for (const [name, moment] of bySmall.state.first) {
      const other = byLarge.state.first.get(name) ?? new Float32Array(0);
      moment.forEach((m, i) => {
        expect(m, `${name}[${i}]`).toBeCloseTo(other[i] ?? Number.NaN, 6);
      });
    }
  });

  test('a frozen weight stays as it was and is not among the trained', async () => {
    const weights = freshWeights('a');
    const before = weights.get('frozen')?.data.slice();
    const step = await trainer(weights, 8);
    await step.step([batchOf('0', 8)], 1e-2);
    await step.close();
    expect(weights.get('frozen')?.data).toEqual(before);
    expect(step.trained.has('frozen')).toBe(false);
    expect(step.trained.get('head.weight')).toBe(weights.get('head.weight'));
  });

  test('a loss or a gradient that is not finite is an error and leaves the weights alone', async () => {
    for (const [start, given] of [
      [1, Number.NaN],
      [0, 0],
    ] as const) {
      const weights = new Map([['w', { shape: [1], data: Float32Array.of(start) }]]);
      const step = await createTrainingStep<AdamWState>({
        name: 'root',
        weights,
        trainable: () => true,
        // The root has an infinite slope at zero, where its value is finite.
        build: (graph, w) => ({ loss: reduceSum(sub(sqrt(w('w', [1])), input(graph, 'x', [1]))) }),
        optimiser: adamW(),
        clipNorm: 1,
      });
      const batch = { x: float32(Float32Array.of(given), [1]) };
      await expect(step.step([batch], 0.1)).rejects.toBeInstanceOf(DivergedError);
      await expect(step.step([], 0.1)).rejects.toBeInstanceOf(RangeError);
      expect(weights.get('w')?.data[0]).toBe(start);
      expect(step.state.step).toBe(0);
      await step.close();
    }
  });
});
