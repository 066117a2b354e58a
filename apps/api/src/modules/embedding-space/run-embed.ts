import { decodeImage } from '@freestyle/core';
import { vectorText } from '../../platform/database/vector-text.js';
import type { JobEnd, JobRun } from '../../platform/jobs/job-run.js';
import { createRateMeter } from '../../platform/jobs/rate-meter.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { VectorBatch } from '../import/commit/item-batch.js';
import type { ImportRepository, UnembeddedPhoto } from '../import/commit/repository.js';
import { encodeEach } from '../import/encode/encode-batch.js';
import { groupsByPixels } from '../import/read/pixel-groups.js';
import type { LiveModel } from '../model/service.js';

export interface EmbedParts {
  readonly imports: ImportRepository;
  readonly blobs: BlobStore;
  readonly model: Promise<LiveModel>;
}

// Photos committed at a time: half an import's batch, for each is encoded alone.
const BATCH_SIZE = 16;

/** Gives the live model's vectors to the photos that have none, which is what a change of the model leaves behind.
 *  Each round asks what is missing, so a killed run goes on and nothing is done twice. */
export async function runEmbed({ imports, blobs, model }: EmbedParts, run: JobRun): Promise<JobEnd> {
  const live = await model;
  let { done } = run.before;
  const total = done + (await imports.countWithoutVector(live.spaceId));
  run.progress(done, total);
  const meter = createRateMeter();
  let after: string | null = null;
  let failedInAll = 0;
  for (;;) {
    const photos = await imports.withoutVector(live.spaceId, after, BATCH_SIZE);
    const last = photos.at(-1);
    if (last === undefined) break;
    run.signal.throwIfAborted();
    after = last.id;
    const made: VectorBatch['vectors'][number][] = [];
    for (const group of groupsByPixels(photos, ({ width, height }) => width * height)) {
      const vectors = await Promise.all(group.map((photo) => embed(photo, live, blobs)));
      for (const [i, vector] of vectors.entries()) {
        if (!(vector instanceof Error)) made.push(vector);
        else run.log(`photo ${group[i]?.id} could not be encoded: ${vector.message}`, 'warn');
      }
    }
    const failed = photos.length - made.length;
    failedInAll += failed;
    await imports.commitVectors({
      jobId: run.id,
      owner: run.owner,
      spaceId: live.spaceId,
      vectors: made,
      failed,
      ratePerSecond: meter.add(photos.length),
    });
    // The count that was told before is written some time later, and must not go back behind what is committed.
    done += photos.length;
    run.progress(done, total);
  }
  return {
    message:
      failedInAll === 0 ? null : `${failedInAll} photos could not be encoded; the job's log names them.`,
  };
}

async function embed(
  { id: imageId, datasetId, contentHash }: UnembeddedPhoto,
  { model }: LiveModel,
  blobs: BlobStore,
): Promise<VectorBatch['vectors'][number] | Error> {
  try {
    const bytes = await blobs.read(contentHash);
    if (bytes === null) return new Error('its file is not in the store');
    const [vector] = await encodeEach([await decodeImage(bytes)], model);
    if (vector instanceof Float32Array) return { imageId, datasetId, vector: vectorText(vector) };
    return vector ?? new Error('the encoder gave no vector');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
