import { expect, it } from 'vitest';
import type { JobRun } from '../../platform/jobs/job-run.js';
import { jpeg, patches } from '../../testing/pictures.js';
import { createTestEncoder } from '../../testing/test-encoder.js';
import type { VectorBatch } from '../import/commit/item-batch.js';
import { type EmbedParts, runEmbed } from './run-embed.js';

/** Embeds photos of a size. @returns how many were in memory at a time, and what was committed. */
async function embedding(count: number, width: number, height: number) {
  const bytes = await jpeg(patches(1));
  let held = 0;
  let most = 0;
  const batches: VectorBatch[] = [];
  const model = createTestEncoder();
  const photos = Array.from({ length: count }, (_, n) => {
    const id = String(n).padStart(3, '0');
    return { id, datasetId: 'd', contentHash: id, width, height };
  });
  const parts = {
    imports: {
      countWithoutVector: async () => count,
      withoutVector: async (_space: number, after: string | null, limit: number) =>
        photos.filter(({ id }) => after === null || id > after).slice(0, limit),
      commitVectors: async (batch: VectorBatch) => {
        batches.push(batch);
      },
    },
    blobs: {
      read: async () => {
        most = Math.max(most, ++held);
        return bytes;
      },
    },
    model: Promise.resolve({
      spaceId: 1,
      model: {
        ...model,
        encodeImages: (images: Parameters<typeof model.encodeImages>[0]) =>
          model.encodeImages(images).finally(() => {
            held -= images.length;
          }),
      },
    }),
  } as unknown as EmbedParts;
  const run = {
    id: 'j',
    before: { total: null, done: 0 },
    owner: 'o',
    signal: new AbortController().signal,
    progress: () => {},
  };
  await runEmbed(parts, run as unknown as JobRun);
  return { most, done: batches.flatMap(({ vectors }) => vectors.map(({ imageId }) => imageId)) };
}

it('photos that a new model has not seen are decoded together as far as their pixels fit into memory', async () => {
  const large = await embedding(5, 12_000, 10_000);
  expect(large).toEqual({ most: 1, done: ['000', '001', '002', '003', '004'] });
  const small = await embedding(5, 1000, 1000);
  expect(small).toEqual({ most: 5, done: large.done });
});
