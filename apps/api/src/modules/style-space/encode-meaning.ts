import { join } from 'node:path';
import { decodeImage, trimPaper } from '@freestyle/core';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import { encodeEach } from '../import/encode/encode-batch.js';
import type { LiveModel } from '../model/service.js';
import { openKeptRows } from './kept-rows.js';
import type { ListedPicture } from './list-pictures.js';

export interface MeaningParts {
  readonly blobs: BlobStore;
  model(): Promise<LiveModel>;
  /** Vectors of photos in the live space; null for those without. */
  vectors(imageIds: readonly string[]): Promise<(Float32Array | null)[]>;
}

interface Run {
  readonly signal: AbortSignal;
  /** Awaited before each batch. */
  beforeBatch?(): Promise<void> | undefined;
  onProgress(done: number): void;
  onBroken(picture: ListedPicture, error: Error): void;
}

const BATCH = 16;

/** Where each picture lies in the live model's space: photos as their gallery vectors are, queries as a search reads them.
 *  Kept in the folder as they are made; a change of the model in between begins anew.
 *  @returns the file, with a row for each picture, and the length of a row. */
export async function encodeMeaning(
  { blobs, model, vectors }: MeaningParts,
  pictures: readonly ListedPicture[],
  folder: string,
  run: Run,
): Promise<{ readonly file: string; readonly width: number; readonly modelName: string }> {
  const live = await model();
  const { dimensions: width, queryHash, name: modelName } = live.model;
  const file = join(folder, `meaning-${queryHash.slice(0, 12)}.f32`);
  const rows = await openKeptRows(file, width);
  try {
    run.onProgress(rows.count);
    for (let from = rows.count; from < pictures.length; from += BATCH) {
      await run.beforeBatch?.();
      run.signal.throwIfAborted();
      const batch = pictures.slice(from, from + BATCH);
      const photos = batch.filter(({ isQuery }) => !isQuery);
      const found = await vectors(photos.map(({ itemId }) => itemId));
      const known = new Map(photos.map(({ itemId }, at) => [itemId, found[at] ?? null]));
      const made = await Promise.all(
        batch.map((picture) => known.get(picture.itemId) ?? encodeOne(picture, live, blobs)),
      );
      for (const [at, row] of made.entries()) {
        const picture = batch[at];
        if (row instanceof Error && picture !== undefined) run.onBroken(picture, row);
      }
      await rows.add(made.map((row) => (row instanceof Error ? null : row)));
      run.onProgress(from + batch.length);
    }
  } finally {
    await rows.close();
  }
  return { file, width, modelName };
}

async function encodeOne(
  { contentHash, isQuery }: ListedPicture,
  { model }: LiveModel,
  blobs: BlobStore,
): Promise<Float32Array | Error> {
  try {
    const bytes = await blobs.read(contentHash);
    if (bytes === null) return new Error('its file is not in the store');
    const image = await decodeImage(bytes);
    if (!isQuery) return (await encodeEach([image], model))[0] ?? new Error('the encoder gave no vector');
    const [seen] = await model.encodeQueries([trimPaper(image)]);
    return seen?.vector ?? new Error('the encoder gave no vector');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
