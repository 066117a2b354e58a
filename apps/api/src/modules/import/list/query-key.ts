import { createHash } from 'node:crypto';
import type { QueryMetadata } from './listed-item.js';

type Words = Pick<QueryMetadata, 'text' | 'target'>;

/** What tells queries in words apart, whatever their place in a list; null for pictures. An index on the ledger has the
 *  same of its entries. */
export const queryWords = ({ text, target }: Words): string | null =>
  text === null ? null : `${text}\n${target ?? ''}`;

/** Tells a brought query from the others of its dataset. */
export function queryKey(path: string, metadata: Words): string {
  const words = queryWords(metadata);
  return words === null ? `file:${path}` : `text:${createHash('sha256').update(words).digest('hex')}`;
}
