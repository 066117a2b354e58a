import { describe, expect, it } from 'vitest';
import { createRandom, restoreRandom } from './random.js';

describe('createRandom', () => {
  it('gives the same stream for the same seed and another for another', () => {
    const draw = (seed: number | string) => {
      const random = createRandom(seed);
      return Array.from({ length: 8 }, () => random.uniform());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw('7')).toEqual(draw(7));
  });

  it('goes on from a saved state as if never interrupted, the held-back normal included', () => {
    const random = createRandom(3);
    random.normal();
    const copy = restoreRandom(random.state());
    const after = (r: typeof random) => [r.normal(), r.uniform(), r.normal(), r.integer(1000)];
    expect(after(copy)).toEqual(after(random));
    expect(restoreRandom(random.state()).fork('a').uniform()).toBe(random.fork('a').uniform());
  });

  it('forks streams that differ by name and leave the parent where it was', () => {
    const random = createRandom(3);
    const before = random.state();
    const first = random.fork('a').uniform();
    expect(random.fork('b').uniform()).not.toBe(first);
    expect(random.fork('a').uniform()).toBe(first);
    expect(random.state()).toEqual(before);
  });

  it('spreads integers evenly (chi-square over 10 cells, 50,000 draws)', () => {
    const random = createRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 50_000; i++) {
      const cell = random.integer(10);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);
    // 99.9 % point of chi-square with 9 degrees of freedom.
    expect(chiSquare).toBeLessThan(27.9);
  });

  it('draws normals of mean 0, variance 1 and kurtosis 3', () => {
    const random = createRandom(2);
    let first = 0;
    let second = 0;
    let fourth = 0;
    const n = 100_000;
    for (let i = 0; i < n; i++) {
      const x = random.normal();
      first += x / n;
      second += x ** 2 / n;
      fourth += x ** 4 / n;
    }
    expect(Math.abs(first)).toBeLessThan(0.015);
    expect(Math.abs(second - 1)).toBeLessThan(0.02);
    expect(Math.abs(fourth - 3)).toBeLessThan(0.15);
  });

  it('reaches every order of three items equally often when it shuffles', () => {
    const random = createRandom(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });
});
