import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.js';
import { type AdamWArrays, adamWLoop, sumOfSquares, vectorArrays } from './vector-loops.js';

const numbers = {
  factor: 0.3,
  beta1: 0.9,
  beta2: 0.98,
  keep: 0.999,
  scale: 0.01,
  unbias: 1.5,
  epsilon: 1e-6,
};

function drawn(length: number): AdamWArrays {
  const random = createRandom(`loops ${length}`);
  const normal = () => Float32Array.from({ length }, () => random.normal());
  return { parameter: normal(), gradient: normal(), first: normal(), second: normal().map(Math.abs) };
}

/** The formula in float64. */
function expected({ parameter, gradient, first, second }: AdamWArrays) {
  return Array.from(parameter, (p, i) => {
    const g = 0.3 * (gradient[i] as number);
    const m = 0.9 * (first[i] as number) + 0.1 * g;
    const v = 0.98 * (second[i] as number) + 0.02 * g * g;
    return { parameter: 0.999 * p - (0.01 * m) / (Math.sqrt(v) * 1.5 + 1e-6), first: m, second: v };
  });
}

function gap(arrays: AdamWArrays, wanted: ReturnType<typeof expected>): number {
  const gaps = wanted.flatMap((one, i) =>
    (['parameter', 'first', 'second'] as const).map((place) =>
      Math.abs((arrays[place][i] ?? Number.NaN) - one[place]),
    ),
  );
  return gaps.reduce((most, one) => Math.max(most, one), 0);
}

// One, some beside the lanes, a piece, and several pieces with a rest.
describe.each([1, 6, 8192, 20_003])('%i weights', (length) => {
  test('move as the formula says, and the gradient stays', () => {
    const arrays = drawn(length);
    const wanted = expected(arrays);
    const gradient = arrays.gradient.slice();
    adamWLoop(arrays, numbers);
    expect(gap(arrays, wanted)).toBeLessThan(2e-6);
    expect(arrays.gradient).toEqual(gradient);
  });

  test('have the same bits where some arrays lie in the loops’ memory, and the neighbours stay', () => {
    const plain = drawn(length);
    const [first, second, gradient, after] = vectorArrays(new Map([['w', length]]), 4).get('w') as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const there = { parameter: plain.parameter.slice(), first, second, gradient };
    for (const place of ['first', 'second', 'gradient'] as const) there[place].set(plain[place]);
    after.fill(7);
    adamWLoop(plain, numbers);
    adamWLoop(there, numbers);
    expect(there).toEqual(plain);
    expect(after.every((value) => value === 7)).toBe(true);
  });

  test('have the sum of their squares, wherever they lie', () => {
    const { gradient } = drawn(length);
    const [there] = vectorArrays(new Map([['w', length]]), 1).get('w') as [Float32Array];
    there.set(gradient);
    const sum = gradient.reduce((total, value) => total + value ** 2, 0);
    expect(sumOfSquares(gradient) / sum).toBeCloseTo(1, 12);
    expect(sumOfSquares(there)).toBe(sumOfSquares(gradient));
  });
});

test('arrays beyond one memory get another, and those that none has room for are plain ones', () => {
  const lengths = new Map([
    ['a', 100],
    ['b', 100],
    ['c', 1000],
    ['d', 100],
  ]);
  const made = vectorArrays(lengths, 2, 2000);
  for (const [name, length] of lengths)
    expect(made.get(name)?.map((array) => array.length)).toEqual([length, length]);
  const bufferOf = (name: string) => made.get(name)?.[0]?.buffer;
  expect(bufferOf('a') === bufferOf('b')).toBe(true);
  expect(bufferOf('a') === bufferOf('d')).toBe(false);
  expect(bufferOf('c')?.byteLength).toBe(4000);
});

test('what is not a number stays so', () => {
  const arrays = { ...drawn(5), gradient: Float32Array.of(1, Number.NaN, 1, 1, Number.POSITIVE_INFINITY) };
  expect(sumOfSquares(arrays.gradient)).toBeNaN();
  adamWLoop(arrays, numbers);
  expect([...arrays.first].map(Number.isFinite)).toEqual([true, false, true, true, false]);
});
