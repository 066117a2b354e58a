import { checkPageSize, type KeysetPage, type ListKey } from '../database/paging.js';
import { ValidationError } from '../errors.js';

interface ConnectionArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

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
