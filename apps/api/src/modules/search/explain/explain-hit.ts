import { termValue } from '@freestyle/core';
import type { PartReport } from '../encode/encode-parts.js';
import type { Hit, Scoring } from '../find/find-query.js';

export const CONTRIBUTION_KINDS = ['MEANING', 'WORDS'] as const;

/** What one part adds to a hit's score, by what it means or by its words. */
export interface Contribution {
  readonly part: number;
  readonly kind: (typeof CONTRIBUTION_KINDS)[number];
  readonly negative: boolean;
  readonly weight: number;
  /** Cosine of part and photo; null for words. */
  readonly similarity: number | null;
  /** Share of the part's words that stand with the photo, 0 to 1; null for meaning. */
  readonly coverage: number | null;
  readonly value: number;
}

/** The summands of a hit's score, by the same steps by which the database ranked it: they add up to it.
 *  @param reports of the vector terms, in their order. */
export function explainHit(
  { similarities, coverages }: Pick<Hit, 'similarities' | 'coverages'>,
  { terms, words }: Pick<Scoring, 'terms' | 'words'>,
  reports: readonly PartReport[],
): Contribution[] {
  const meaning = similarities.flatMap((similarity, i): Contribution[] => {
    const [term, report] = [terms[i], reports[i]];
    if (term === undefined || report === undefined) return [];
    const { index, negative, weight } = report;
    const value = termValue(term, similarity);
    return [{ part: index, kind: 'MEANING', negative, weight, similarity, coverage: null, value }];
  });
  const said = coverages.flatMap((coverage, i): Contribution[] => {
    const term = words[i];
    const report = reports.find(({ index }) => index === term?.part);
    if (term === undefined || report === undefined) return [];
    const { index, negative, weight } = report;
    return [
      {
        part: index,
        kind: 'WORDS',
        negative,
        weight,
        similarity: null,
        coverage,
        value: term.gain * coverage,
      },
    ];
  });
  return [...meaning, ...said];
}
