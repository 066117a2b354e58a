import { describe, expect, test } from 'vitest';
import { createTrainingStep } from '../training-step.js';
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
});
