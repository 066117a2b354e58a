import type { ScoreTerm } from '@freestyle/core';
import type { PartReport } from '../encode/encode-parts.js';

export const NOTHING_REASONS = ['NO_MATCH', 'NO_PHOTOS', 'EMPTY_PICTURE', 'TAKEN_AWAY'] as const;

/** Why a search shows nothing. */
export interface Nothing {
  readonly reason: (typeof NOTHING_REASONS)[number];
  readonly message: string;
}

/** Parts this alike say the same, whatever their words. */
const SAME = 0.9;

export function whyNothing(
  reports: readonly PartReport[],
  terms: readonly ScoreTerm[],
  searched: { readonly photos: number; readonly filtered: boolean },
): Nothing {
  const wanted = reports.filter(({ negative }) => !negative);
  if (wanted.length > 0 && wanted.every(({ blank }) => blank)) {
    return { reason: 'EMPTY_PICTURE', message: 'The picture is empty: there is nothing on it to look for.' };
  }
  if (searched.photos === 0) {
    return {
      reason: 'NO_PHOTOS',
      message: searched.filtered ? 'No photo meets the filter.' : 'There are no photos to search yet.',
    };
  }
  if (takenAway(terms)) {
    return {
      reason: 'TAKEN_AWAY',
      message: 'What is wanted is also what is not wanted: the one takes away what the other finds.',
    };
  }
  return { reason: 'NO_MATCH', message: 'Nothing here matches.' };
}

const takenAway = (terms: readonly ScoreTerm[]): boolean =>
  terms.some(
    (wanted) =>
      !wanted.negative &&
      wanted.gain > 0 &&
      terms.some((other) => other.negative && other.gain > 0 && cosine(wanted.unit, other.unit) >= SAME),
  );

const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, d) => sum + value * (b[d] ?? 0), 0);
