import { createHash } from 'node:crypto';
import { ValidationError } from '../../platform/errors.js';
import type { HitKey } from './repository.js';

/** What a cursor carries: where its hit stood, and in which ranking. */
export interface SearchCursor extends HitKey {
  /** Photos that came in later take no part. */
  readonly snapshot: bigint;
  /** Rank of the hit, from 1. */
  readonly rank: number;
  /** Tells rankings apart: the query, the datasets and the model. */
  readonly fingerprint: Buffer;
}

const VERSION = 1;
const FINGERPRINT_BYTES = 12;
const LENGTH = 1 + 8 + 8 + 8 + 4 + FINGERPRINT_BYTES;

/** A short digest of everything that a ranking depends on. */
export const fingerprintOf = (parts: readonly string[]): Buffer =>
  createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, FINGERPRINT_BYTES);

/** The distance travels as its 64 bits: rounded, a hit could come twice or be lost. */
export function encodeCursor({ distance, seq, snapshot, rank, fingerprint }: SearchCursor): string {
  const bytes = Buffer.alloc(LENGTH);
  bytes.writeUInt8(VERSION, 0);
  bytes.writeDoubleBE(distance, 1);
  bytes.writeBigInt64BE(seq, 9);
  bytes.writeBigInt64BE(snapshot, 17);
  bytes.writeUInt32BE(rank, 25);
  fingerprint.copy(bytes, 29);
  return bytes.toString('base64url');
}

/** @throws {ValidationError} for anything that is no cursor of this very search. */
export function decodeCursor(text: string, fingerprint: Buffer): SearchCursor {
  const bytes = Buffer.from(text, 'base64url');
  const distance = bytes.length === LENGTH ? bytes.readDoubleBE(1) : Number.NaN;
  if (Number.isNaN(distance) || bytes.readUInt8(0) !== VERSION) {
    throw ValidationError.at(['after'], 'this is not a cursor of a search');
  }
  if (!bytes.subarray(29).equals(fingerprint)) {
    throw ValidationError.at(
      ['after'],
      'this cursor belongs to another search: the query, the datasets or the model differ',
    );
  }
  return {
    distance,
    seq: bytes.readBigInt64BE(9),
    snapshot: bytes.readBigInt64BE(17),
    rank: bytes.readUInt32BE(25),
    fingerprint,
  };
}
