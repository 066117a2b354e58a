import { isUuid } from '../database/uuid.js';
import { ValidationError } from '../errors.js';

interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

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

export const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

export interface Page<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Pages through a list by key, so that rows that come or go in between neither repeat nor hide others.
 *  @throws {ValidationError} for page sizes out of bounds, `first` with `last`, and cursors of other lists. */
export async function keysetConnection<T>(
  args: ConnectionArgs,
  key: ListKey<T>,
  load: (page: KeysetPage) => Promise<T[]>,
): Promise<Page<T>> {
  const { first, last } = args;
  checkPageSize('first', first);
  checkPageSize('last', last);
  if (typeof first === 'number' && typeof last === 'number') {
    throw ValidationError.at(['last'], 'expected either first or last, got both');
  }
  const inverted = typeof last === 'number';
  const size = first ?? last ?? DEFAULT_PAGE;
  const after = decodeKey('after', args.after, key);
  const before = decodeKey('before', args.before, key);
  const found = await load({ after, before, limit: size + 1, inverted });
  const rows = found.slice(0, size);
  if (inverted) rows.reverse();
  const edges = rows.map((node) => ({ cursor: encodeKey(key.of(node)), node }));
  const more = found.length > size;
  return {
    edges,
    pageInfo: {
      hasNextPage: inverted ? before !== null : more,
      hasPreviousPage: inverted ? more : after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** @throws {ValidationError} unless absent or between 0 and the largest page. */
export function checkPageSize(name: string, size: number | null | undefined): void {
  if (size === null || size === undefined || (size >= 0 && size <= MAX_PAGE)) return;
  throw ValidationError.at([name], `expected 0 to ${MAX_PAGE}, got ${size}`);
}

const encodeKey = (key: string): string => Buffer.from(`k1:${key}`).toString('base64url');

function decodeKey(
  name: string,
  cursor: string | null | undefined,
  { isKey }: Pick<ListKey<never>, 'isKey'>,
): string | null {
  if (cursor === null || cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('k1:') || !isKey(text.slice(3))) {
    throw ValidationError.at([name], 'this cursor is not one of this list');
  }
  return text.slice(3);
}
