import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBlobStore } from '../../../platform/storage/blob-store.js';
import { createPictureDecoder } from '../../../platform/storage/picture-decoder.js';
import { writeFiles } from '../../../testing/pictures.js';
import { temporaryFolder } from '../../../testing/test-server.js';
import type { ImportItem } from '../commit/repository.js';
import { listItems, planListing } from '../list/list-items.js';
import { BATCH_SIZE, prepareBatches } from './prepare-batches.js';
import { readSource } from './read-source.js';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A folder's items as the ledger has them. */
async function* ledgerOf(dir: string): AsyncGenerator<ImportItem> {
  const plan = await planListing(dir, { format: 'AUTO', mayDescend: false });
  let ordinal = 0;
  for await (const { refusal: _, byteSize, metadata, ...listed } of listItems(plan)) {
    yield {
      ...listed,
      jobId: '',
      ordinal: ordinal++,
      state: 'QUEUED',
      code: null,
      reason: null,
      byteSize: byteSize === null ? null : BigInt(byteSize),
      metadata: metadata as unknown as ImportItem['metadata'],
      contentHash: null,
      imageId: null,
    };
  }
}

it('photos whose files are not there are looked for as many at a time as a batch holds', async () => {
  const list = Array.from({ length: 2 * BATCH_SIZE }, (_, n) => `${n}.jpg,a caption\n`).join('');
  await writeFiles(join(folder, 'captions'), { 'list.csv': `file,caption\n${list}` });
  const asked: number[] = [];
  const batches = prepareBatches(ledgerOf(join(folder, 'captions')), {
    read: ({ path }) => readSource(join(folder, 'captions'), path),
    blobs: createBlobStore(join(folder, 'blobs'), createPictureDecoder()),
    known: async () => new Map(),
    async heldByName(names) {
      asked.push(names.length);
      return new Map();
    },
  });
  for await (const _batch of batches);
  expect(asked).toEqual([BATCH_SIZE, BATCH_SIZE]);
});
