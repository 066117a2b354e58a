import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { adamW, clipping } from './adamw.js';

const named = z.record(z.string(), z.array(z.number()));
const goldenSchema = z.object({
  options: z.object({ beta1: z.number(), beta2: z.number(), epsilon: z.number() }),
  groups: z.record(z.string(), z.object({ lr: z.number(), weight_decay: z.number() })),
  shapes: named,
  start: named,
  steps: z.array(z.object({ gradients: named, parameters: named, first: named, second: named })),
  clips: z.array(z.object({ limit: z.number(), norm: z.number(), before: named, after: named })),
});

let golden: z.infer<typeof goldenSchema>;
beforeAll(async () => {
  const file = new URL('../../golden/adamw/golden.json', import.meta.url);
  golden = goldenSchema.parse(JSON.parse(await readFile(file, 'utf8')));
});

const arrays = (record: Readonly<Record<string, readonly number[]>>) =>
  new Map(Object.entries(record).map(([name, values]) => [name, Float32Array.from(values)]));

/** Largest distance, relative to the size of the numbers. */
function distance(got: Float32Array | undefined, expected: readonly number[]): number {
  expect(got?.length).toBe(expected.length);
  return Math.max(...expected.map((v, i) => Math.abs(v - (got?.[i] ?? Number.NaN)) / (Math.abs(v) + 1e-6)));
}

describe('AdamW', () => {
  test('four steps with two groups give what PyTorch gives, weights and moments', () => {
    const { groups } = golden;
    const group = (name: string) => groups[name] ?? { lr: Number.NaN, weight_decay: Number.NaN };
    const optimiser = adamW({
      ...golden.options,
      rate: (name) => group(name).lr / 1e-2,
      weightDecay: (name) => group(name).weight_decay,
    });
    const parameters = new Map(
      Object.entries(golden.start).map(([name, values]) => [
        name,
        { shape: golden.shapes[name] ?? [], data: Float32Array.from(values) },
      ]),
    );
    const state = optimiser.init(parameters);
    expect(golden.steps.length).toBe(4);
    for (const step of golden.steps) {
      optimiser.update(arrays(step.gradients), state, parameters, 1e-2);
      for (const name of parameters.keys()) {
        expect(distance(parameters.get(name)?.data, step.parameters[name] ?? [])).toBeLessThan(2e-6);
        expect(distance(state.first.get(name), step.first[name] ?? [])).toBeLessThan(2e-6);
        expect(distance(state.second.get(name), step.second[name] ?? [])).toBeLessThan(2e-6);
      }
    }
    expect(state.step).toBe(4);
  });

  test('a factor on the gradients is the same as smaller gradients', () => {
    const moved = (gradients: number[], factor?: number) => {
      const parameters = new Map([['w', { shape: [3], data: Float32Array.of(2, -1, 0.5) }]]);
      const optimiser = adamW();
      const state = optimiser.init(parameters);
      for (let i = 0; i < 3; i++)
        optimiser.update(new Map([['w', Float32Array.from(gradients)]]), state, parameters, 0.1, factor);
      return [...(parameters.get('w')?.data ?? []), ...(state.second.get('w') ?? [])];
    };
    expect(moved([4, -8, 16], 0.25)).toEqual(moved([1, -2, 4]));
  });

  test('decay is decoupled: without a gradient a weight shrinks by rate times decay, whatever the moments', () => {
    const parameters = new Map([['w', { shape: [1], data: Float32Array.of(2) }]]);
    const optimiser = adamW({ weightDecay: () => 0.5 });
    const state = optimiser.init(parameters);
    optimiser.update(new Map([['w', new Float32Array(1)]]), state, parameters, 0.1);
    expect(parameters.get('w')?.data[0]).toBeCloseTo(2 * (1 - 0.1 * 0.5), 6);
  });

  test('a state goes on from a copy of another, and lacks nothing', () => {
    const parameters = new Map([['w', { shape: [2], data: Float32Array.of(2, 3) }]]);
    const optimiser = adamW();
    const from = {
      first: new Map([['w', Float32Array.of(1, 2)]]),
      second: new Map([['w', Float32Array.of(3, 4)]]),
      step: 7,
    };
    const state = optimiser.init(parameters, from);
    optimiser.update(optimiser.gradients(state), state, parameters, 0.1);
    expect(state.step).toBe(8);
    expect(state.first.get('w')).toEqual(Float32Array.of(0.9, 1.8));
    expect(from).toMatchObject({ first: new Map([['w', Float32Array.of(1, 2)]]), step: 7 });
    expect(() => optimiser.init(parameters, { ...from, second: new Map() })).toThrow('no moments for "w"');
    expect(() => optimiser.gradients(from)).toThrow('not of this optimiser');
  });

  test('a parameter without a gradient is an error, not a silent standstill', () => {
    const parameters = new Map([['w', { shape: [1], data: Float32Array.of(2) }]]);
    const optimiser = adamW();
    expect(() => optimiser.update(new Map(), optimiser.init(parameters), parameters, 0.1)).toThrow('"w"');
  });
});

describe('clipping', () => {
  test("norm and scaled gradients are those of PyTorch's clip_grad_norm_, above and below the limit", () => {
    expect(golden.clips.map(({ norm, limit }) => norm > limit)).toEqual([true, false]);
    for (const clip of golden.clips) {
      const gradients = arrays(clip.before);
      const { norm, factor } = clipping(gradients, clip.limit);
      expect(Math.abs(norm / clip.norm - 1)).toBeLessThan(1e-6);
      for (const [name, gradient] of gradients) {
        const clipped = gradient.map((one) => one * factor);
        // PyTorch divides by the norm plus 1e-6.
        expect(distance(clipped, clip.after[name] ?? [])).toBeLessThan(2e-6);
      }
    }
  });
});
