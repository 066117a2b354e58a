import { describe, expect, it } from 'vitest';
import type { Figures } from './evaluation-report.js';
import { summarise } from './figures.js';
import { correctGains, fusionGains } from './fusion-gain.js';

/** Figures of queries whose photo stands at these ranks. */
const figuresAt = (ranks: readonly number[], clusterOf = (i: number) => `photo ${i}`): Figures =>
  summarise(
    ranks.map((rank, i) => ({
      id: `query ${i}`,
      key: `key ${String(i).padStart(2, '0')}`,
      parts: [`query ${i}`],
      seen: null,
      className: null,
      slices: {},
      weight: 1,
      cluster: clusterOf(i),
      ranks: Int32Array.of(rank),
      tied: false,
      relevant: [i],
      top: [],
    })),
    'instance',
    0,
    { what: 'test' },
  );
const twelve = <T>(of: (i: number) => T): T[] => Array.from({ length: 12 }, (_, i) => of(i));

describe('fusionGains', () => {
  it('compares with the better part, and is sure where every query gains', () => {
    const parts = [
      { style: 'text', figures: figuresAt(twelve(() => 9)) },
      { style: 'sketch', figures: figuresAt(twelve(() => 2)) },
    ];
    const [hit, mrr] = fusionGains(figuresAt(twelve(() => 1)), parts);
    expect(hit).toMatchObject({ metric: 'hit@1', fused: 1, alone: 0, difference: 1 });
    // Twelve of twelve: sure of a gain, not of how large it is.
    expect(hit?.ci95[0]).toBeGreaterThan(0.5);
    expect(hit?.ci95[0]).toBeLessThan(1);
    expect(mrr).toMatchObject({ better: 'sketch', alone: 0.5, difference: 0.5 });
    // Twelve gains in a row by chance: 2 of 4,096.
    expect(hit?.p).toBeLessThan(0.003);
  });

  it('is not sure where the gains are all of one photo', () => {
    const oneTarget = () => 'photo';
    const parts = [
      {
        style: 'text',
        figures: figuresAt(
          twelve(() => 2),
          oneTarget,
        ),
      },
    ];
    const [hit] = fusionGains(
      figuresAt(
        twelve(() => 1),
        oneTarget,
      ),
      parts,
    );
    expect(hit?.p).toBe(1);
  });

  it('finds nothing where fusing changes nothing', () => {
    const same = figuresAt(twelve((i) => 1 + (i % 3)));
    const gains = fusionGains(same, [{ style: 'a', figures: same }]);
    for (const gain of gains) {
      expect(gain).toMatchObject({ difference: 0, p: 1 });
      expect(gain.ci95[0]).toBeLessThan(0);
      expect(gain.ci95[1]).toBeGreaterThan(0);
    }
  });

  it('corrects p for every pair and metric of a report', () => {
    const parts = [{ style: 'text', figures: figuresAt(twelve(() => 2)) }];
    const mixed = figuresAt(twelve(() => 1));
    const pair = (name: string) => ({ name, mixed, parts, gains: fusionGains(mixed, parts) });
    const alone = correctGains([pair('a+b')])[0]?.gains[0]?.pHolm ?? 0;
    const three = correctGains([pair('a+b'), pair('a+c'), pair('a+d')])[0]?.gains[0]?.pHolm ?? 0;
    expect(three).toBeGreaterThan(2 * alone);
  });
});
