import { createHash } from 'node:crypto';
import type { QueryMetadata } from './list-items.js';

/** Tells a brought query from the others of its dataset. */
export const queryKey = (path: string, { text, target }: Pick<QueryMetadata, 'text' | 'target'>): string =>
  text === null
    ? `file:${path}`
    : `text:${createHash('sha256')
        .update(`${text}\n${target ?? ''}`)
        .digest('hex')}`;
