import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { stackVectors } from './embedding-matrix.js';
import { paperProtocol, releasedProtocol } from './paper-protocol.js';

/** Photos on the axes of a space: the score of a query with photo i is its i-th value. */
const axes = (count: number) =>
  stackVectors(
    Array.from({ length: count }, (_, i) =>
      Float32Array.from({ length: count }, (_x, d) => (d === i ? 1 : 0)),
    ),
    'gallery',
  );

describe('paperProtocol', () => {
  it('ranks a query against its own batch only: better photos of other batches do not count', () => {
    const queries = stackVectors(
      [
        Float32Array.of(2, 1, 9, 9),
        Float32Array.of(3, 1, 9, 9),
        Float32Array.of(9, 9, 5, 1),
        Float32Array.of(9, 9, 1, 5),
      ],
      'queries',
    );
    const result = paperProtocol(queries, axes(4), [0, 1, 2, 3], 2);
    expect(result['in-batch top-1']).toBe(0.75);
    expect(result['in-batch top-4']).toBe(1);
    expect(result.protocol).toBe('paper protocol (in-batch 2, top-1/top-4)');
    expect(result.chance).toBe(0.5);
  });

  it('looks at the top four for the figure that the paper prints as R@5', () => {
    const fifth = stackVectors(
      Array.from({ length: 6 }, () => Float32Array.of(1, 6, 5, 4, 3, 0)),
      'queries',
    );
    // Scores put photo 0 fifth: outside the top four although inside a top five.
    const result = paperProtocol(fifth, axes(6), [0, 1, 2, 3, 4, 5], 6);
    expect(result['in-batch top-1']).toBeCloseTo(1 / 6, 12);
    expect(result['in-batch top-4']).toBeCloseTo(4 / 6, 12);
  });

  it('follows the order given: the same queries in another order fall into other batches', () => {
    const queries = [
      Float32Array.of(1, 9, 0, 0),
      Float32Array.of(0, 5, 0, 0),
      Float32Array.of(0, 0, 5, 0),
      Float32Array.of(0, 0, 0, 5),
    ];
    const run = (order: number[]) =>
      paperProtocol(
        stackVectors(
          order.map((i) => queries[i] ?? new Float32Array(4)),
          'q',
        ),
        axes(4),
        order,
        2,
      );
    expect(run([0, 1, 2, 3])['in-batch top-1']).toBe(0.75);
    expect(run([0, 2, 1, 3])['in-batch top-1']).toBe(1);
  });

  it('scores chance, 1/24, for random vectors in batches of 24, with a shorter last batch', () => {
    const random = createRandom('paper');
    const draw = (n: number) =>
      stackVectors(
        Array.from({ length: n }, () => Float32Array.from({ length: 32 }, () => random.normal())),
        'random',
      );
    const n = 24 * 200 + 5;
    const result = paperProtocol(draw(n), draw(n), [...Array(n).keys()]);
    expect(result['in-batch top-1']).toBeCloseTo(1 / 24, 1);
    expect(result.chance).toBeCloseTo((200 + 1) / n, 6);
  });

  it('reports how few photos compete when queries share their target', () => {
    const queries = stackVectors(
      Array.from({ length: 6 }, () => Float32Array.of(1, 0)),
      'q',
    );
    expect(paperProtocol(queries, axes(2), [0, 0, 0, 0, 0, 1], 6).meanDistinctTargets).toBe(2);
  });

  it('to the letter: drops a last batch that is not full, and a photo that stands there twice is right in one column', () => {
    const queries = stackVectors(
      Array.from({ length: 7 }, (_, i) => Float32Array.from({ length: 4 }, (_x, d) => (d === i % 4 ? 5 : 1))),
      'queries',
    );
    // Batches of three: photos 0 1 2, then 3 0 1; the seventh query is dropped.
    const distinct = releasedProtocol(queries, axes(4), [0, 1, 2, 3, 0, 1, 2], 3);
    expect(distinct).toMatchObject({ queries: 6, 'in-batch top-1': 1, chance: 1 / 3 });
    expect(distinct?.protocol).toMatch(/released evaluator .*last batch dropped, own column only/);
    const twice = stackVectors(
      [0, 0, 1].map((i) => Float32Array.from({ length: 4 }, (_x, d) => (d === i ? 5 : 1))),
      'q',
    );
    expect(releasedProtocol(twice, axes(4), [0, 0, 1], 3)?.['in-batch top-1']).toBeCloseTo(1 / 3, 12);
    expect(paperProtocol(twice, axes(4), [0, 0, 1], 3)['in-batch top-1']).toBe(1);
    expect(releasedProtocol(twice, axes(4), [0, 0, 1], 4)).toBeNull();
  });

  it('refuses a batch size below 2 and targets that do not match the queries', () => {
    const queries = axes(3);
    expect(() => paperProtocol(queries, queries, [0, 1, 2], 1)).toThrow(/batch size of 2/);
    expect(() => paperProtocol(queries, queries, [0, 1], 2)).toThrow(/each of 3 queries, got 2/);
  });
});
