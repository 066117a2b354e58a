import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { CursorError } from '../../../platform/errors.js';
import type { Place } from '../find/find-query.js';

/** What a cursor carries: where its hit stood, and in which ranking. */
export interface SearchCursor extends Place {
  /** Photos that came in later take no part. */
  readonly snapshot: bigint;
  /** Rank of the hit, from 1. */
  readonly rank: number;
}

/** What a cursor belongs to. */
export interface Ranking {
  /** Tells searches apart: the query, the filter, the order, and the model's query side. */
  readonly query: string;
  /** The embedding space: its photos have other vectors in another. */
  readonly space: string;
}

/** A short digest of everything that a ranking depends on. */
export const digestOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);

const payloadSchema = z.tuple([
  z.literal(2),
  z.string(),
  z.string(),
  z.number(),
  z.string(),
  z.string().nullable(),
  z.number().int().positive(),
  z.string(),
]);

const SIGNATURE_BYTES = 12;

const sign = (payload: Buffer, secret: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(payload).digest().subarray(0, SIGNATURE_BYTES);

/** A cursor that only this installation makes. Its score travels as it is: rounded, a hit could come twice or be lost. */
export function encodeCursor(
  { score, seq, key, snapshot, rank }: SearchCursor,
  { query, space }: Ranking,
  secret: Uint8Array,
): string {
  const payload = Buffer.from(
    JSON.stringify([2, query, space, score, String(seq), key, rank, String(snapshot)]),
  );
  return Buffer.concat([sign(payload, secret), payload]).toString('base64url');
}

/** @throws {CursorError} `CURSOR_INVALID`, `CURSOR_OF_ANOTHER_SPACE` or `CURSOR_OF_ANOTHER_QUERY`. */
export function decodeCursor(text: string, { query, space }: Ranking, secret: Uint8Array): SearchCursor {
  const bytes = Buffer.from(text, 'base64url');
  const [signature, payload] = [bytes.subarray(0, SIGNATURE_BYTES), bytes.subarray(SIGNATURE_BYTES)];
  if (signature.length !== SIGNATURE_BYTES || !timingSafeEqual(signature, sign(payload, secret))) {
    throw new CursorError(
      'CURSOR_INVALID',
      'after: this is not a cursor that a search of this server gave out',
    );
  }
  const [, ownQuery, ownSpace, score, seq, key, rank, snapshot] = payloadSchema.parse(
    JSON.parse(payload.toString()),
  );
  if (ownSpace !== space) {
    throw new CursorError(
      'CURSOR_OF_ANOTHER_SPACE',
      'after: this cursor is of an embedding space that does not answer any more; search again from the first page',
    );
  }
  if (ownQuery !== query) {
    throw new CursorError(
      'CURSOR_OF_ANOTHER_QUERY',
      'after: this cursor belongs to another search: the query, the filter, the order or the model differ',
    );
  }
  return { score, seq: BigInt(seq), key, rank, snapshot: BigInt(snapshot) };
}
