import { sameJson } from '../../platform/database/same-json.js';
import { isUuid } from '../../platform/database/uuid.js';
import { JobFailure, LeaseLostError } from '../../platform/jobs/job-errors.js';
import type { JobRun } from '../../platform/jobs/job-run.js';
import { createRateMeter } from '../../platform/jobs/rate-meter.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { DatasetRepository } from '../dataset/repository.js';
import type { LiveModel } from '../model/service.js';
import { SpaceChangedError } from './commit/hold-space.js';
import type { EarlierItem, ImportItem, ImportRepository } from './commit/repository.js';
import { encodeBatch } from './encode/encode-batch.js';
import { type ImportPayload, withSource } from './import-options.js';
import type { ListedItem } from './list/listed-item.js';
import { type OpenSource, openSource } from './list/open-source.js';
import { passedOverText } from './list/passed-over.js';
import { type ArchiveLimits, DEFAULT_ARCHIVE_LIMITS } from './read/archive/archive-limits.js';
import { removeStaging, stagedJobs, stagingFolder } from './read/archive/staging.js';
import type { FetchItem } from './read/fetch-item.js';
import { prepareBatches } from './read/prepare-batches.js';
import { StorageError } from './read/rejection.js';
import { readAhead } from './read-ahead.js';

export interface ImportParts {
  readonly imports: ImportRepository;
  readonly datasets: DatasetRepository;
  readonly blobs: BlobStore;
  /** The one that answers when it is asked for. */
  readonly model: Promise<LiveModel>;
  /** Left out of every import, for when it lies inside the folder; archives are unpacked in it. */
  readonly dataDir: string;
  readonly fetchItem: FetchItem;
  /** Where they differ from the usual. */
  readonly archiveLimits?: Partial<ArchiveLimits> | undefined;
}

const LISTING_BATCH = 1000;
const QUEUE_PAGE = 256;

type ImportRun = JobRun<ImportPayload>;

/** Imports a folder: lists it into the ledger, then reads, encodes and commits batch by batch. What is committed
 *  stays; a run that is killed goes on with what the ledger still has queued. */
export async function runImport(parts: ImportParts, run: ImportRun): Promise<string | null> {
  await sweepStaging(parts);
  let lost = false;
  try {
    return await bringIn(parts, run);
  } catch (error) {
    lost = error instanceof LeaseLostError;
    throw error;
  } finally {
    // A job that only pauses, or goes to another worker, goes on with what is unpacked.
    const over =
      !lost && (!run.signal.aborted || (await parts.imports.isCancelled(run.id).catch(() => false)));
    if (over) await removeStaging(parts.dataDir, run.id);
  }
}

async function bringIn(parts: ImportParts, run: ImportRun): Promise<string | null> {
  const source = await open(parts, run);
  const live = await parts.model;
  const listed = run.before.total === null ? await list(parts, run, source, live) : null;
  await workWithLive(parts, run, source);
  if (!(await parts.imports.hasTaken(run.id))) {
    throw new JobFailure('Nothing could be taken: the reject file says why, item by item.', {
      code: 'NOTHING_TAKEN',
    });
  }
  return listed === null ? null : whatWasThere(listed);
}

interface Listed {
  readonly files: number;
  /** Those that an earlier import brought, and that have not changed since. */
  readonly unchanged: number;
  readonly refused: number;
}

/** What an import that is made again has to say first: whether there was anything new. */
function whatWasThere({ files, unchanged, refused }: Listed): string | null {
  if (unchanged === 0) return null;
  const count = unchanged.toLocaleString('en');
  if (unchanged + refused === files) return `Nothing new: ${count} files are there from before, unchanged.`;
  return `${count} of ${files.toLocaleString('en')} files were there from before, unchanged.`;
}

async function open(
  { datasets, dataDir, fetchItem, archiveLimits }: ImportParts,
  run: ImportRun,
): Promise<OpenSource> {
  const [dataset] = run.datasetId === null ? [] : await datasets.byIds([run.datasetId]);
  return openSource(withSource(run.payload, dataset?.sourcePath ?? null), {
    dataDir,
    fetchItem,
    signal: run.signal,
    limits: { ...DEFAULT_ARCHIVE_LIMITS, ...archiveLimits },
    staging: stagingFolder(dataDir, run.id),
    onProgress: (entries) => run.say(`Unpacking the archive: ${entries} entries so far.`),
  });
}

/** What a job left behind that ended while nobody worked on it. */
async function sweepStaging({ dataDir, imports }: ImportParts): Promise<void> {
  const staged = (await stagedJobs(dataDir)).filter(isUuid);
  const unfinished = staged.length === 0 ? new Set() : await imports.unfinished(staged);
  for (const id of staged) if (!unfinished.has(id)) await removeStaging(dataDir, id);
}

async function list(
  parts: ImportParts,
  run: ImportRun,
  source: OpenSource,
  live: LiveModel,
): Promise<Listed> {
  const { imports } = parts;
  const jobId = run.id;
  await imports.clearItems(jobId);
  let ordinal = 0;
  let [unchanged, refused] = [0, 0];
  let batch: ListedItem[] = [];
  const flush = async () => {
    const earlier = await findEarlier(parts, run, live, batch);
    unchanged += earlier.size;
    refused += batch.filter(({ refusal }) => refusal !== null).length;
    const items = batch.map((listed) => ({
      ordinal: ordinal++,
      listed,
      earlier: earlier.get(itemKey(listed)) ?? null,
    }));
    batch = [];
    if (items.length > 0) await imports.addItems(jobId, items);
    await run.say(`Looking through the folder: ${ordinal} files so far.`);
  };
  for await (const item of source.items()) {
    run.signal.throwIfAborted();
    if (batch.push(item) >= LISTING_BATCH) await flush();
  }
  await flush();
  if (ordinal === 0) throw new JobFailure('There is no file to import: the source is empty.');
  await run.say(null);
  await imports.closeListing(jobId, run.owner);
  run.log(`${ordinal} files were listed`);
  for (const left of source.plan?.passedOver.result() ?? []) run.log(passedOverText(left));
  return { files: ordinal, unchanged, refused };
}

/** Entries of earlier imports that still hold: the file has not changed and its photo is searchable. */
async function findEarlier(
  { imports }: ImportParts,
  run: ImportRun,
  { spaceId }: LiveModel,
  batch: readonly ListedItem[],
): Promise<Map<string, EarlierItem>> {
  if (run.datasetId === null) return new Map();
  const found = await imports.earlierItems(
    run.datasetId,
    run.id,
    spaceId,
    batch.map(({ path }) => path),
  );
  const byPath = new Map(found.map((item) => [itemKey(item), item]));
  const holding = batch.flatMap((listed) => {
    const earlier = byPath.get(itemKey(listed));
    return earlier && stillHolds(listed, earlier) ? [[itemKey(listed), earlier] as const] : [];
  });
  return new Map(holding);
}

function stillHolds(listed: ListedItem, earlier: EarlierItem): boolean {
  if (listed.refusal !== null) return false;
  // A photo that was deleted may be back.
  const concluded = ['EMBEDDED', 'DUPLICATE', 'STORED'].includes(earlier.state) && earlier.code !== 'DELETED';
  const same =
    listed.byteSize !== null &&
    listed.byteSize === earlier.byteSize &&
    listed.modifiedMs === earlier.modifiedMs;
  return concluded && same && earlier.isThere && sameJson(listed.metadata, earlier.metadata);
}

// A file may be a photo and a query of another photo as well.
const itemKey = ({ kind, path }: { kind: string; path: string }): string => `${kind} ${path}`;

/** Goes on with the model that answers now, where another one was promoted with a space of its own. */
async function workWithLive(parts: ImportParts, run: ImportRun, source: OpenSource): Promise<void> {
  for (;;) {
    try {
      return await work(parts, run, source, await parts.model);
    } catch (error) {
      if (!(error instanceof SpaceChangedError)) throw error;
      run.log('another model answers searches by now: the rest is encoded by that one');
    }
  }
}

/** Three things at a time: the next batch is read and decoded, this one is encoded, the one before is committed. */
async function work(
  parts: ImportParts,
  run: ImportRun,
  source: OpenSource,
  { model, spaceId }: LiveModel,
): Promise<void> {
  const { imports, blobs } = parts;
  const { id: jobId, datasetId } = run;
  if (datasetId === null) throw new JobFailure('The import belongs to no dataset.');
  const meter = createRateMeter();
  const batches = prepareBatches(queuedItems(imports, run), {
    read: (item) => source.read(item),
    blobs,
    known: (hashes) => imports.known(datasetId, spaceId, hashes),
    heldByName: (names) => imports.heldByName(datasetId, names),
  });
  let committing: Promise<void> = Promise.resolve();
  try {
    for await (const prepared of readAhead(batches)) {
      const { photos, rejections } = await encodeBatch(prepared, model);
      const { queries } = prepared;
      await committing;
      const ratePerSecond = meter.add(photos.length + queries.length + rejections.length);
      const batch = {
        jobId,
        owner: run.owner,
        datasetId,
        spaceId,
        photos,
        queries,
        rejections,
        ratePerSecond,
      };
      committing = imports.commit(batch);
      // Awaited below or in the next round; until then a failure shall not count as unhandled.
      committing.catch(() => {});
    }
    await committing;
  } catch (error) {
    await committing.catch(() => {});
    if (error instanceof StorageError)
      throw new JobFailure(storageMessage(error), { cause: error, code: 'STORAGE_FAILED' });
    throw error;
  }
}

async function* queuedItems(
  imports: ImportRepository,
  { id, signal }: ImportRun,
): AsyncGenerator<ImportItem> {
  let after = -1;
  for (;;) {
    const page = await imports.queued(id, after, QUEUE_PAGE);
    for (const item of page) {
      // Only where something is left to do: an import that was told to end when it was done, is done.
      signal.throwIfAborted();
      yield item;
      after = item.ordinal;
    }
    if (page.length < QUEUE_PAGE) return;
  }
}

const storageMessage = ({ message, cause }: StorageError): string =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
    ? 'The disk is full. Make room, then retry the job: it goes on where it stopped.'
    : `The import stopped: ${message}. Retry the job when this is put right: it goes on where it stopped.`;
