import { ValidationError } from '../errors.js';
import { isUuid } from './uuid.js';

/** A slice of a list that is ordered by a key: `after` and `before` are keys, exclusive. */
export interface KeysetPage {
  readonly after: string | null;
  readonly before: string | null;
  readonly limit: number;
  /** Read from the end: the rows are turned round afterwards. */
  readonly inverted: boolean;
}

/** What a list is ordered by. */
export interface ListKey<T> {
  readonly of: (row: T) => string;
  /** Whether a text can be such a key; any other, from the cursor of another list, would be a fault of the database. */
  readonly isKey: (text: string) => boolean;
}

export const BY_ID: ListKey<{ readonly id: string }> = { of: ({ id }) => id, isKey: isUuid };

/** Whether a text is a whole number that the database takes as an integer. */
export const isNumberKey = (text: string): boolean => /^\d{1,9}$/.test(text);

/** Rows of a page at most: what a screen shows several times over, and what one query answers at once. */
export const MAX_PAGE = 100;

/** @throws {ValidationError} unless absent or between 0 and the largest page. */
export function checkPageSize(name: string, size: number | null | undefined): void {
  if (size === null || size === undefined || (size >= 0 && size <= MAX_PAGE)) return;
  throw ValidationError.at([name], `expected 0 to ${MAX_PAGE}, got ${size}`);
}

/** How often a value occurs. */
export interface FacetCount {
  readonly value: string;
  readonly count: number;
}
