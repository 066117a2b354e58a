import { ImageDecodeError } from '@freestyle/core';
import type { ItemRejection } from '../commit/item-batch.js';
import type { ImportItem } from '../commit/repository.js';
import { ItemRefusal } from './read-source.js';

/** Our own storage fails: a fault of the whole import and not of one file. */
export class StorageError extends Error {
  constructor(cause: unknown) {
    super(`a photo cannot be stored: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StorageError';
  }
}

/** What the ledger says of an item that failed with `error`. @throws {StorageError} which no item is to blame for */
export function rejectionOf({ ordinal }: Pick<ImportItem, 'ordinal'>, error: unknown): ItemRejection {
  if (error instanceof StorageError) throw error;
  if (error instanceof ItemRefusal) {
    return { ordinal, state: error.state, code: error.code, reason: error.message };
  }
  if (error instanceof ImageDecodeError) {
    return { ordinal, state: 'REJECTED', code: error.code, reason: error.message };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { ordinal, state: 'FAILED', code: 'UNEXPECTED', reason };
}

/** What the listing said against an item that is tried again. */
export function refusedBefore({ ordinal, metadata }: ImportItem): ItemRejection | null {
  const { refused } = (metadata ?? {}) as { readonly refused?: { code: string; reason: string } };
  return refused ? { ordinal, state: 'REJECTED', ...refused } : null;
}
