import { describe, expect, test } from 'vitest';
import { float32 } from '../../runtime/session.js';
import { createTrainingStep, DivergedError } from '../training-step.js';
import { createCardStep } from './card-step.js';
import { batchOf, freshWeights, problem } from './fixtures/small-problem.js';

const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((gap, value, at) => Math.max(gap, Math.abs(value - (b[at] ?? Number.NaN))), 0);

describe('a step in one graph, as on a card', () => {
  test('ten steps move weights, moments and averages as the processor does', async () => {
    const [card, plain] = [freshWeights('a'), freshWeights('a')];
    const onCard = await createCardStep({ ...problem(card), readEvery: 4 }, 'stepped');
    const onProcessor = await createTrainingStep(problem(plain));
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) {
      const batch = batchOf(`${step % 4}`);
      await onCard.step([batch], 3e-3);
      losses.push((await onProcessor.step([batch], 3e-3)).loss);
    }
    await onCard.read();
    for (const [name, { data }] of plain)
      expect(farthest(data, card.get(name)?.data ?? new Float32Array()), name).toBeLessThan(2e-6);
    for (const [name, data] of onProcessor.average ?? [])
      expect(farthest(data, onCard.average?.get(name) ?? new Float32Array()), name).toBeLessThan(2e-6);
    expect(onCard.average?.size).toBe(onCard.trained.size);
    for (const slot of ['first', 'second'] as const)
      for (const [name, data] of onProcessor.state[slot])
        expect(farthest(data, onCard.state[slot].get(name) ?? new Float32Array()), name).toBeLessThan(2e-6);
    expect(onCard.state.step).toBe(10);
    await Promise.all([onCard.close(), onProcessor.close()]);
  });

  test('two accumulated half batches move the weights as the whole batch does, after steps of one batch', async () => {
    const [half, whole] = [freshWeights('a'), freshWeights('a')];
    const inHalves = await createCardStep({ ...problem(half, undefined, 3), readEvery: 2 }, 'stepped');
    const atOnce = await createTrainingStep(problem(whole, undefined, 3));
    const parts = [batchOf('left', 3), batchOf('right', 3)];
    for (const batches of [[batchOf('first', 3)], parts, parts]) {
      await inHalves.step(batches, 1e-3);
      await atOnce.step(batches, 1e-3);
    }
    await inHalves.read();
    for (const [name, { data }] of whole)
      expect(farthest(data, half.get(name)?.data ?? new Float32Array()), name).toBeLessThan(2e-6);
    await Promise.all([inHalves.close(), atOnce.close()]);
  });

  test('a step that is no number is an error at the next reading and leaves the weights as they were', async () => {
    const weights = freshWeights('a');
    const step = await createCardStep({ ...problem(weights), readEvery: 2 }, 'stepped');
    await step.step([batchOf('a')], 1e-3);
    await step.read();
    const before = new Map([...weights].map(([name, { data }]) => [name, data.slice()]));
    const given = batchOf('b');
    const broken = { ...given, y: float32(new Float32Array(18).fill(Number.NaN), [6, 3]) };
    await step.step([broken], 1e-3);
    await expect(step.step([broken], 1e-3)).rejects.toBeInstanceOf(DivergedError);
    await step.read();
    for (const [name, { data }] of weights) expect(data, name).toEqual(before.get(name));
    await expect(step.step([], 1e-3)).rejects.toBeInstanceOf(RangeError);
    await step.close();
  });
});
