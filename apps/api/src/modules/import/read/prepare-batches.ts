import { type BlobStore, contentHash } from '../../../platform/storage/blob-store.js';
import type { CommittedQuery, ItemRejection } from '../commit/item-batch.js';
import type { HeldPhoto, ImportItem, KnownContent } from '../commit/repository.js';
import type { QueryMetadata } from '../list/listed-item.js';
import { describeHeld, isAbsent } from './describe-held.js';
import { mapLimited } from './map-limited.js';
import { groupsByPixels } from './pixel-groups.js';
import {
  type MeasuredFile,
  measure,
  pixelsOf,
  preparePhoto,
  prepareQuery,
  queryInWords,
  type ReadFile,
} from './prepare-item.js';
import type { PreparedBatch } from './prepared-batch.js';
import { refusedBefore, rejectionOf } from './rejection.js';

/** Photos encoded at a time: enough to fill the runtime, few enough that a stop or a kill costs little. */
export const BATCH_SIZE = 32;
// Bytes of files held at a time, whatever the photos' size; a single one may exceed them.
const CHUNK_BYTES = 64 * 1024 * 1024;
// What a picture counts for whose size is not known before it is fetched.
const UNKNOWN_BYTES = CHUNK_BYTES / 8;
// Decoding runs on the four threads that Node's pool has.
const READERS = 4;
// Fetching mostly waits for others.
const FETCHERS = 8;

export interface PrepareSource {
  /** The bytes of an item. @throws {ItemRefusal} */
  read(item: ImportItem): Promise<Uint8Array>;
  readonly blobs: BlobStore;
  known(hashes: readonly string[]): Promise<ReadonlyMap<string, KnownContent>>;
  /** Photos that the dataset holds under these names, for lists that come without their pictures. */
  heldByName(names: readonly string[]): Promise<ReadonlyMap<string, HeldPhoto>>;
}

/** Reads, hashes, checks, decodes and stores the files of `items`, in batches that are ready to be encoded.
 *  Content that is known is neither decoded nor stored again. A file's own faults become rejections. */
export async function* prepareBatches(
  items: AsyncIterable<ImportItem>,
  source: PrepareSource,
): AsyncGenerator<PreparedBatch> {
  for await (const chunk of chunksByBytes(items)) yield* prepareChunk(chunk, source);
}

async function* prepareChunk(
  chunk: readonly ImportItem[],
  source: PrepareSource,
): AsyncGenerator<PreparedBatch> {
  const rejections: ItemRejection[] = chunk.flatMap((item) => refusedBefore(item) ?? []);
  const attempt: Attempt = async (item, work) => {
    try {
      return await work();
    } catch (error) {
      rejections.push(rejectionOf(item, error));
      return null;
    }
  };
  const wanted = chunk.filter((item) => refusedBefore(item) === null);
  const { files, absent } = await readFiles(wanted.filter(isPicture), source, attempt);
  if (absent.size > 0) {
    yield { queries: [], ...(await describeHeld(absent, (names) => source.heldByName(names))) };
  }
  const queries = [
    ...wanted.filter((item) => !isPicture(item)).map(queryInWords),
    ...(await prepareQueries(files, source, attempt)),
  ];
  for (const group of groupsByPixels(await measurePhotos(files, source, attempt), pixelsOf)) {
    const photos = await mapLimited(group, READERS, (photo) =>
      attempt(photo.file.item, () => preparePhoto(photo, source.blobs)),
    );
    yield { photos: present(photos), queries: [], rejections: rejections.splice(0) };
  }
  // After the photos, which may be their targets.
  if (queries.length + rejections.length > 0) {
    yield { photos: [], queries, rejections: rejections.splice(0) };
  }
}

/** Does the work for an item, or null where that failed: then the item is rejected. */
type Attempt = <T>(item: ImportItem, work: () => Promise<T>) => Promise<T | null>;

const present = <T>(values: readonly (T | null)[]): T[] =>
  values.flatMap((value) => (value === null ? [] : [value]));

async function readFiles(
  items: readonly ImportItem[],
  source: PrepareSource,
  attempt: Attempt,
): Promise<{ files: ReadFile[]; absent: Map<ImportItem, unknown> }> {
  const absent = new Map<ImportItem, unknown>();
  const readFile = async (item: ImportItem): Promise<ReadFile | null> => {
    try {
      const bytes = await source.read(item);
      return { item, bytes, hash: contentHash(bytes) };
    } catch (error) {
      if (!isAbsent(item, error)) throw error;
      absent.set(item, error);
      return null;
    }
  };
  const files = await mapLimited(items, FETCHERS, (item) => attempt(item, () => readFile(item)));
  return { files: present(files), absent };
}

async function prepareQueries(
  files: readonly ReadFile[],
  { blobs }: PrepareSource,
  attempt: Attempt,
): Promise<CommittedQuery[]> {
  const pictures = files.filter(({ item }) => item.kind === 'QUERY');
  return present(
    await mapLimited(pictures, READERS, (file) => attempt(file.item, () => prepareQuery(file, blobs))),
  );
}

async function measurePhotos(
  files: readonly ReadFile[],
  source: PrepareSource,
  attempt: Attempt,
): Promise<MeasuredFile[]> {
  const photos = files.filter(({ item }) => item.kind === 'PHOTO');
  const known = await source.known(photos.map(({ hash }) => hash));
  return present(
    await mapLimited(photos, READERS, (file) =>
      attempt(file.item, () => measure(file, known.get(file.hash))),
    ),
  );
}

/** Whether there is something to read and to decode: all but queries in words. */
const isPicture = ({ kind, metadata }: ImportItem): boolean =>
  kind === 'PHOTO' || (metadata as QueryMetadata | null)?.text === null;

async function* chunksByBytes(items: AsyncIterable<ImportItem>): AsyncGenerator<ImportItem[]> {
  let chunk: ImportItem[] = [];
  let bytes = 0;
  for await (const item of items) {
    const size = isPicture(item) ? Number(item.byteSize ?? UNKNOWN_BYTES) : 0;
    if (chunk.length === BATCH_SIZE || (chunk.length > 0 && bytes + size > CHUNK_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
