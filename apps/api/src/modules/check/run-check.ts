import { decodeImage, hashDistance, nearHashes, perceptualHash } from '@freestyle/core';
import { COPY_LIKENESS, type CopySignature, copyLikeness, nearestLayouts } from '@freestyle/core/image';
import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import type { JobEnd, JobRun } from '../../platform/jobs/job-run.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { LiveModel } from '../model/service.js';
import type { IndexSegment } from '../search/find/vector-index.js';
import { createPairs, type Pairs } from './pairs.js';
import type { CheckRepository, HashedPhoto } from './repository.js';
import { createSignatures, type Signatures } from './signatures.js';

export const checkPayload = z.object({
  /** Cosine from which on photos count as alike without being copies; null for copies alone. */
  similarity: z.number().min(0).max(1).nullable(),
});
type CheckRun = JobRun<z.infer<typeof checkPayload>>;

export interface CheckParts {
  readonly checks: CheckRepository;
  readonly blobs: BlobStore;
  readonly model: Promise<LiveModel>;
  /** Whether the vectors of a space have their index. */
  segments(spaceId: number): Promise<readonly IndexSegment[]>;
}

// Decoded together where a photo has no hash yet.
const HASHED_AT_ONCE = 4;
const HASH_PAGE = 5000;
const READ_AT_ONCE = 8;
// All layouts are compared with all: minutes at this number, and four times as long at twice of it.
const MOST_LAYOUTS = 40_000;
// Some seconds of work where there is no index.
const VECTOR_PAGE = 50;
// Copies come in small numbers; what has more neighbours is a series, and is found through its other members.
const VECTOR_NEIGHBOURS = 8;
// Copies lie well above it, mirrored ones too; it keeps strangers from being laid on each other in vain.
const CANDIDATE_SIMILARITY = 0.5;
// As long as a request may wait for this thread.
const SLICE_MS = 20;

/** Looks for copies of photos, in other sizes, cuts, qualities and colours and mirrored: near perceptual hashes, near
 *  layouts of light and dark and near vectors name the pairs to look at, and a pair counts where the two lie on each
 *  other. Where the payload says so, near vectors alone are enough. What was found before stands until the end, and is
 *  then replaced at once; a run that is killed begins anew, with the hashes that it had made. */
export async function runCheck(parts: CheckParts, run: CheckRun): Promise<JobEnd> {
  const { datasetId } = run;
  if (datasetId === null) throw new JobFailure('The check belongs to no dataset.');
  const unread = await hashMissing(parts, run, datasetId);
  const pairs = createPairs();
  const signatures = createSignatures(parts.blobs, parts.checks.contentHashOf);
  await pairByHash(parts, run, datasetId, signatures, pairs);
  await pairByVector(parts, run, datasetId, signatures, pairs);
  await parts.checks.replace({ jobId: run.id, owner: run.owner, datasetId, pairs: pairs.list() });
  const found = `${pairs.size} pairs of photos look alike.`;
  const message = unread === 0 ? found : `${found} ${unread} photos could not be read and were left out.`;
  return { message, result: { pairs: pairs.size, unread } };
}

/** @returns how many photos could not be read. */
async function hashMissing({ checks, blobs }: CheckParts, run: CheckRun, datasetId: string): Promise<number> {
  let unread = 0;
  let made = 0;
  for (let after: string | null = null; ; ) {
    run.signal.throwIfAborted();
    const photos: { id: string; contentHash: string }[] = await checks.withoutHash(
      datasetId,
      after,
      HASHED_AT_ONCE,
    );
    after = photos.at(-1)?.id ?? null;
    if (after === null) break;
    const hashes = await Promise.all(photos.map((photo) => hashOf(photo, blobs)));
    const known = hashes.filter((one) => one !== null);
    await checks.setHashes(known);
    unread += photos.length - known.length;
    made += known.length;
    if (made % 100 < HASHED_AT_ONCE)
      await run.say(`Looking at photos that have no hash yet: ${made} so far.`);
  }
  return unread;
}

async function hashOf(
  { id, contentHash }: { id: string; contentHash: string },
  blobs: BlobStore,
): Promise<HashedPhoto | null> {
  const bytes = await blobs.read(contentHash);
  const image = bytes === null ? null : await decodeImage(bytes).catch(() => null);
  return image === null ? null : { id, hash: perceptualHash(image) };
}

async function pairByHash(
  { checks }: CheckParts,
  run: CheckRun,
  datasetId: string,
  signatures: Signatures,
  pairs: Pairs,
): Promise<void> {
  const photos = await hashedPhotos(checks, datasetId);
  const breathe = breathing(run);
  const consider = async (a: HashedPhoto | undefined, b: HashedPhoto | undefined): Promise<void> => {
    if (a && b && (await areCopies(a.id, b.id, signatures)))
      pairs.byHash(a.id, b.id, hashDistance(a.hash, b.hash));
  };
  await run.say('Comparing perceptual hashes.');
  for (const pair of nearHashes(photos.map(({ hash }) => hash))) {
    if (pair !== null) await consider(photos[pair.a], photos[pair.b]);
    await breathe();
  }
  if (photos.length > MOST_LAYOUTS) return;
  await run.say('Comparing what is light and dark in them.');
  const seen: { photo: HashedPhoto; signature: CopySignature }[] = [];
  for (let at = 0; at < photos.length; at += READ_AT_ONCE) {
    const some = photos.slice(at, at + READ_AT_ONCE);
    const read = await Promise.all(some.map(({ id }) => signatures.of(id)));
    some.forEach((photo, i) => {
      const signature = read[i];
      if (signature) seen.push({ photo, signature });
    });
    await breathe();
  }
  let place = 0;
  for (const nearest of nearestLayouts(seen.map(({ signature }) => signature))) {
    for (const other of nearest) {
      await consider(seen[place]?.photo, seen[other]?.photo);
      await breathe();
    }
    place += 1;
    await breathe();
  }
}

/** All that have structure: what has none has the hash 0, which says nothing about what is alike. */
async function hashedPhotos(checks: CheckRepository, datasetId: string): Promise<HashedPhoto[]> {
  const photos: HashedPhoto[] = [];
  for (let after: string | null = null; ; ) {
    const page: HashedPhoto[] = await checks.hashesAfter(datasetId, after, HASH_PAGE);
    photos.push(...page.filter(({ hash }) => hash !== 0n));
    after = page.at(-1)?.id ?? null;
    if (page.length < HASH_PAGE) return photos;
  }
}

/** Whether two photos lie on each other; never for one that cannot be read. */
async function areCopies(a: string, b: string, signatures: Signatures): Promise<boolean> {
  const [one, other] = await Promise.all([signatures.of(a), signatures.of(b)]);
  return one !== null && other !== null && copyLikeness(one, other).score >= COPY_LIKENESS;
}

/** Lets others have this thread when it was held for long, and heeds a stop. */
function breathing(run: CheckRun): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise((goOn) => setImmediate(goOn));
    run.signal.throwIfAborted();
    since = performance.now();
  };
}

async function pairByVector(
  { checks, model, segments: segmentsOf }: CheckParts,
  run: CheckRun,
  datasetId: string,
  signatures: Signatures,
  pairs: Pairs,
): Promise<void> {
  const { similarity } = run.payload;
  const { spaceId, model: encoder } = await model;
  const segments = await segmentsOf(spaceId);
  const breathe = breathing(run);
  const total = await checks.countPhotos(datasetId);
  await run.say('Comparing vectors.');
  let done = 0;
  for (let after: string | null = null; ; ) {
    run.signal.throwIfAborted();
    const imageIds: string[] = await checks.photosAfter(datasetId, after, VECTOR_PAGE);
    const near = await checks.neighbours({
      datasetId,
      spaceId,
      dimensions: encoder.dimensions,
      segments,
      imageIds,
      limit: VECTOR_NEIGHBOURS,
      similarity: CANDIDATE_SIMILARITY,
    });
    for (const pair of near) {
      const alike =
        (similarity !== null && pair.similarity >= similarity) ||
        (await areCopies(pair.imageId, pair.otherId, signatures));
      if (alike) pairs.byVector(pair.imageId, pair.otherId, pair.similarity);
      await breathe();
    }
    done += imageIds.length;
    run.progress(done, Math.max(total, done));
    after = imageIds.at(-1) ?? null;
    if (imageIds.length < VECTOR_PAGE) return;
  }
}
