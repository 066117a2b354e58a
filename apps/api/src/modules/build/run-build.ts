import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import type { JobEnd, JobRun } from '../../platform/jobs/job-run.js';
import { createRateMeter } from '../../platform/jobs/rate-meter.js';
import { type BlobStore, contentHash } from '../../platform/storage/blob-store.js';
import type { ImageFilter } from '../photo/filter.js';
import type { ImageScope } from '../photo/filter-sql.js';
import type { BuildFailure, BuildRepository, MadeQuery, PhotoToBuild } from './repository.js';
import { type StyleWorkers, VersionFailure } from './style-workers.js';
import { requestsOf, versionKey, type WantedVersion } from './wanted-versions.js';

export interface BuildParts {
  readonly builds: BuildRepository;
  readonly blobs: BlobStore;
  readonly workers: StyleWorkers;
  /** The live embedding space, which decides what is indexed. */
  spaceId(): number | null;
}

export const buildPayload = z.object({
  versions: z
    .array(z.object({ maker: z.string(), style: z.string(), strength: z.number().nullable() }))
    .min(1),
  seed: z.int().nonnegative(),
  filter: z
    .looseObject({ createdAfter: z.coerce.date().optional(), createdBefore: z.coerce.date().optional() })
    .transform((filter): ImageFilter => filter),
});
export type BuildPayload = z.infer<typeof buildPayload>;
type BuildRun = JobRun<BuildPayload>;

// Looked up at a time; most of them need nothing where a build goes on or is done again.
const PAGE = 200;
// Pictures committed at a time: a kill or a pause costs some seconds of work, a commit little against it.
const BATCH_VERSIONS = 24;

/** Makes the versions that photos lack, batch by batch. What is committed stays, and each run looks for what is
 *  missing: so one that is killed goes on, and doing it again adds nothing. */
export async function runBuild(parts: BuildParts, run: BuildRun): Promise<JobEnd> {
  const { versions, filter } = run.payload;
  const scope = { datasetId: datasetOf(run), spaceId: parts.spaceId(), filter };
  const wanted = (await parts.builds.countPhotos(scope)) * versions.length;
  const missing = wanted - (await parts.builds.countMade(scope, versions));
  // A filter such as "no sketch" loses photos by the work itself: what a run before had counted stays the total.
  const total = Math.max(run.before.total ?? wanted, missing);
  await parts.builds.begin(run.id, run.owner, { total, done: total - missing });
  if (total === 0) return { message: 'No photo was chosen: nothing was made.' };
  const failed = await work(parts, run, scope);
  await parts.builds.settle(run.id, run.owner);
  if (failed > 0) {
    return { message: `${failed} of ${total} pictures could not be made; the list of rejects says why.` };
  }
  // One that goes on after a pause has made something, though nothing may be left of it.
  const isFirstRun = run.before.total === null;
  return {
    message: missing === 0 && isFirstRun ? 'Every photo had these versions already: nothing was made.' : null,
  };
}

function datasetOf({ datasetId }: BuildRun): string {
  if (datasetId === null) throw new JobFailure('The build belongs to no dataset.');
  return datasetId;
}

/** @returns how many versions could not be made. */
async function work(
  { builds, blobs, workers }: BuildParts,
  run: BuildRun,
  scope: ImageScope,
): Promise<number> {
  const { versions, seed } = run.payload;
  const meter = createRateMeter();
  let failed = 0;
  for await (const batch of batchesOf(missingVersions(builds, scope, versions, run.signal))) {
    const outcomes = await Promise.all(batch.map((task) => makeAll(task, seed, blobs, workers)));
    const made = outcomes.flatMap((outcome) => outcome.made);
    const failures = outcomes
      .flatMap((outcome) => outcome.failures)
      .map((failure, i) => ({ ...failure, ordinal: failed + i }));
    failed += failures.length;
    await builds.commit({
      jobId: run.id,
      owner: run.owner,
      datasetId: scope.datasetId,
      made,
      failures,
      ratePerSecond: meter.add(made.length + failures.length),
    });
  }
  return failed;
}

/** A photo with the versions that it lacks. */
interface BuildTask {
  readonly photo: PhotoToBuild;
  readonly versions: readonly WantedVersion[];
}

async function* missingVersions(
  builds: BuildRepository,
  scope: ImageScope,
  versions: readonly WantedVersion[],
  signal: AbortSignal,
): AsyncGenerator<BuildTask> {
  let after: string | null = null;
  for (;;) {
    const page: PhotoToBuild[] = await builds.photosAfter(scope, after, PAGE);
    const keys = page.flatMap(({ id }) => versions.map((version) => versionKey(id, version)));
    const existing = await builds.existingKeys(scope.datasetId, keys);
    for (const photo of page) {
      const missing = versions.filter((version) => !existing.has(versionKey(photo.id, version)));
      if (missing.length > 0) {
        // Only where something is left to do: a build that was told to end when all was made, is done.
        signal.throwIfAborted();
        yield { photo, versions: missing };
      }
      after = photo.id;
    }
    if (page.length < PAGE) return;
  }
}

async function* batchesOf(tasks: AsyncIterable<BuildTask>): AsyncGenerator<BuildTask[]> {
  let batch: BuildTask[] = [];
  let versions = 0;
  for await (const task of tasks) {
    batch.push(task);
    versions += task.versions.length;
    if (versions < BATCH_VERSIONS) continue;
    yield batch;
    batch = [];
    versions = 0;
  }
  if (batch.length > 0) yield batch;
}

interface Outcome {
  readonly made: readonly MadeQuery[];
  readonly failures: readonly Omit<BuildFailure, 'ordinal'>[];
}

/** All versions of a photo. A version that makes its maker fail is told from the others by making one at a time. */
async function makeAll(
  task: BuildTask,
  seed: number,
  blobs: BlobStore,
  workers: StyleWorkers,
): Promise<Outcome> {
  const { photo, versions } = task;
  try {
    const bytes = await blobs.read(photo.contentHash);
    if (bytes === null) throw new VersionFailure('FILE_MISSING', 'the file of the photo is not in the store');
    const requests = requestsOf(photo, versions, seed);
    const pictures = await workers.make({ photo: bytes, requests });
    const made: MadeQuery[] = [];
    for (const [i, picture] of pictures.entries()) {
      const version = versions[i];
      const request = requests[i];
      if (version === undefined || request === undefined) continue;
      const hash = contentHash(picture.bytes);
      // Before the row that names it: a row without its file must never be.
      await store(blobs, hash, picture.bytes);
      const { width, height } = picture;
      const key = versionKey(photo.id, version);
      made.push({ ...version, imageId: photo.id, key, seed: request.seed, contentHash: hash, width, height });
    }
    return { made, failures: [] };
  } catch (error) {
    if (!(error instanceof VersionFailure)) throw error;
    const [only, ...others] = versions;
    if (others.length === 0) return { made: [], failures: only ? [failureOf(photo, only, error)] : [] };
    const each: Outcome[] = [];
    for (const version of versions) {
      each.push(await makeAll({ photo, versions: [version] }, seed, blobs, workers));
    }
    return { made: each.flatMap(({ made }) => made), failures: each.flatMap(({ failures }) => failures) };
  }
}

const failureOf = (
  { id, fileName }: PhotoToBuild,
  { maker, strength }: WantedVersion,
  { code, message }: VersionFailure,
): Omit<BuildFailure, 'ordinal'> => ({
  path: `${fileName} (${maker}${strength === null ? '' : ` at ${strength}`})`,
  code,
  reason: message,
  imageId: id,
});

async function store(blobs: BlobStore, hash: string, bytes: Uint8Array): Promise<void> {
  try {
    await blobs.put(hash, bytes);
  } catch (error) {
    const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
    throw new JobFailure(
      full
        ? 'The disk is full. Make room, then start the build again: it goes on where it stopped.'
        : `A picture cannot be stored: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error, code: 'STORAGE_FAILED' },
    );
  }
}
