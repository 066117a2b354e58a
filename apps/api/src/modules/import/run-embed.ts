import { decodeImage } from '@freestyle/core';
import type { JobHandler, JobRun } from '../../jobs/job-run.js';
import { createRateMeter } from '../../jobs/rate-meter.js';
import { vectorText } from '../../platform/database/vector-text.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { LiveModel } from '../model/service.js';
import type { VectorBatch } from './commit/item-batch.js';
import type { ImportRepository, UnembeddedPhoto } from './commit/repository.js';
import { encodeEach } from './read/pipeline.js';
import { groupsByPixels } from './read/pixel-groups.js';

export interface EmbedParts {
  readonly imports: ImportRepository;
  readonly blobs: BlobStore;
  readonly model: Promise<LiveModel>;
  /** Sets the total of the job. */
  setTotal(run: JobRun, total: number): Promise<void>;
}

// Photos committed at a time: half an import's batch, for each is encoded alone.
const BATCH_SIZE = 16;

/** Gives the live model's vectors to the photos that have none, which is what a change of the model leaves behind.
 *  Each round asks what is missing, so a killed run goes on and nothing is done twice. */
export const createEmbedHandler =
  ({ imports, blobs, model, setTotal }: EmbedParts): JobHandler =>
  async (run) => {
    const live = await model;
    await setTotal(run, run.job.done + (await imports.countWithoutVector(live.spaceId)));
    const meter = createRateMeter();
    let after: string | null = null;
    let failedInAll = 0;
    while (!run.signal.aborted) {
      const photos = await imports.withoutVector(live.spaceId, after, BATCH_SIZE);
      const last = photos.at(-1);
      if (last === undefined) break;
      after = last.id;
      const made: VectorBatch['vectors'][number][] = [];
      for (const group of groupsByPixels(photos, ({ width, height }) => width * height)) {
        const vectors = await Promise.all(group.map((photo) => embed(photo, live, blobs)));
        made.push(...vectors.filter((vector) => vector !== null));
      }
      const failed = photos.length - made.length;
      failedInAll += failed;
      await imports.commitVectors({
        jobId: run.job.id,
        owner: run.owner,
        spaceId: live.spaceId,
        vectors: made,
        failed,
        ratePerSecond: meter.add(photos.length),
      });
    }
    return failedInAll === 0 ? null : `${failedInAll} photos could not be encoded; the log names them.`;
  };

async function embed(
  { id: imageId, datasetId, contentHash }: UnembeddedPhoto,
  { model }: LiveModel,
  blobs: BlobStore,
): Promise<VectorBatch['vectors'][number] | null> {
  const bytes = await blobs.read(contentHash);
  const image = bytes === null ? null : await decodeImage(bytes).catch(() => null);
  const [vector] = image === null ? [] : await encodeEach([image], model);
  return vector instanceof Float32Array ? { imageId, datasetId, vector: vectorText(vector) } : null;
}
