import {
  decodeImage,
  type EmbeddingModel,
  ImageDecodeError,
  type ImageInfo,
  perceptualHash,
  type RgbImage,
  readImageInfo,
} from '@freestyle/core';
import { vectorText } from '../../../platform/database/vector-text.js';
import { type BlobStore, contentHash } from '../../../platform/storage/blob-store.js';
import type { CommittedPhoto, CommittedQuery, ItemRejection } from '../commit/item-batch.js';
import type { HeldPhoto, ImportItem, KnownContent } from '../commit/repository.js';
import type { ItemMetadata, QueryMetadata } from '../list/listed-item.js';
import { groupsByPixels } from './pixel-groups.js';
import { ItemRefusal } from './read-source.js';

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

export interface PreparedBatch {
  readonly rejections: readonly ItemRejection[];
  readonly photos: readonly PreparedPhoto[];
  readonly queries: readonly CommittedQuery[];
}

interface PreparedPhoto extends Omit<CommittedPhoto, 'vector'> {
  /** Null where a vector is known. */
  readonly image: RgbImage | null;
  readonly vector: string | null;
}

export interface PrepareSource {
  /** The bytes of an item. @throws {ItemRefusal} */
  read(item: ImportItem): Promise<Uint8Array>;
  readonly blobs: BlobStore;
  known(hashes: readonly string[]): Promise<ReadonlyMap<string, KnownContent>>;
  /** Photos that the dataset holds under these names, for lists that come without their pictures. */
  heldByName(names: readonly string[]): Promise<ReadonlyMap<string, HeldPhoto>>;
}

interface ReadFile {
  readonly item: ImportItem;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** Reads, hashes, checks, decodes and stores the files of `items`, in batches that are ready to be encoded.
 *  Content that is known is neither decoded nor stored again. A file's own faults become rejections. */
export async function* prepareBatches(
  items: AsyncIterable<ImportItem>,
  source: PrepareSource,
): AsyncGenerator<PreparedBatch> {
  for await (const chunk of chunksByBytes(items)) {
    const rejections: ItemRejection[] = [];
    const attempt = async <T>(item: ImportItem, work: () => Promise<T>): Promise<T | null> => {
      try {
        return await work();
      } catch (error) {
        rejections.push(rejectionOf(item, error));
        return null;
      }
    };
    const refused = chunk.flatMap((item) => refusedBefore(item) ?? []);
    rejections.push(...refused);
    const wanted = chunk.filter((item) => refusedBefore(item) === null);
    const absent = new Map<ImportItem, unknown>();
    const files = await mapLimited(wanted.filter(isPicture), FETCHERS, (item) =>
      attempt(item, async (): Promise<ReadFile | null> => {
        try {
          const bytes = await source.read(item);
          return { item, bytes, hash: contentHash(bytes) };
        } catch (error) {
          if (!isAbsent(item, error)) throw error;
          absent.set(item, error);
          return null;
        }
      }),
    );
    if (absent.size > 0) {
      const { photos, refused: missing } = await describeHeld(absent, source);
      yield { photos, queries: [], rejections: missing };
    }
    const pictures = files.filter((file) => file !== null);
    const asked = await mapLimited(
      pictures.filter(({ item }) => item.kind === 'QUERY'),
      READERS,
      (file) => attempt(file.item, () => prepareQuery(file, source.blobs)),
    );
    const queries = [
      ...wanted.filter((item) => !isPicture(item)).map(inWords),
      ...asked.filter((query) => query !== null),
    ];
    const read = pictures.filter(({ item }) => item.kind === 'PHOTO');
    const known = await source.known(read.map(({ hash }) => hash));
    const measured = await mapLimited(read, READERS, (file) =>
      attempt(file.item, () => measure(file, known.get(file.hash))),
    );
    for (const group of groupsByPixels(
      measured.filter((photo) => photo !== null),
      pixelsOf,
    )) {
      const photos = await mapLimited(group, READERS, (photo) =>
        attempt(photo.file.item, () => prepare(photo, source.blobs)),
      );
      yield {
        photos: photos.filter((photo) => photo !== null),
        queries: [],
        rejections: rejections.splice(0),
      };
    }
    // After the photos, which may be those that they mean.
    if (queries.length + rejections.length > 0) {
      yield { photos: [], queries, rejections: rejections.splice(0) };
    }
  }
}

/** A list that says something of a photo may come without it: captions for a dataset that is there already. */
const isAbsent = ({ kind, metadata }: ImportItem, error: unknown): boolean =>
  kind === 'PHOTO' && metadata !== null && error instanceof ItemRefusal && error.code === 'FILE_MISSING';

async function describeHeld(
  absent: ReadonlyMap<ImportItem, unknown>,
  source: PrepareSource,
): Promise<{ photos: PreparedPhoto[]; refused: ItemRejection[] }> {
  const held = await source.heldByName([...absent.keys()].map(({ path }) => path));
  const photos: PreparedPhoto[] = [];
  const refused: ItemRejection[] = [];
  for (const [item, error] of absent) {
    const photo = held.get(item.path);
    if (photo === undefined) refused.push(rejectionOf(item, error));
    else photos.push(described(item, photo));
  }
  return { photos, refused };
}

/** What the list does not speak of stays as it is. */
function described({ ordinal, path, metadata }: ImportItem, photo: HeldPhoto): PreparedPhoto {
  const said = metadata as ItemMetadata | null;
  return {
    ordinal,
    path: photo.fileName,
    listedPath: path,
    contentHash: photo.contentHash,
    byteSize: 0,
    metadata: said && {
      ...said,
      captions: said.captions.length > 0 ? said.captions : photo.captions,
      class: said.class ?? photo.className,
      split: said.split ?? photo.split,
      attributes: { ...photo.attributes, ...said.attributes },
    },
    picture: null,
    image: null,
    vector: null,
  };
}

interface MeasuredFile {
  readonly file: ReadFile;
  readonly known: KnownContent | undefined;
  /** Null where nothing needs to be stored. */
  readonly info: ImageInfo | null;
  readonly decode: boolean;
}

const pixelsOf = ({ decode, info }: MeasuredFile): number => (decode && info ? info.width * info.height : 0);

async function measure(file: ReadFile, known: KnownContent | undefined): Promise<MeasuredFile> {
  if (known?.complete || known?.deleted) return { file, known, info: null, decode: false };
  return { file, known, info: await readImageInfo(file.bytes), decode: (known?.vector ?? null) === null };
}

async function prepare(
  { file, known, info, decode }: MeasuredFile,
  blobs: BlobStore,
): Promise<PreparedPhoto> {
  const { item, bytes, hash } = file;
  const image = decode ? await decodeImage(bytes) : null;
  await store(blobs, hash, bytes);
  return {
    ordinal: item.ordinal,
    path: item.path,
    listedPath: item.path,
    contentHash: hash,
    byteSize: bytes.byteLength,
    metadata: item.metadata as ItemMetadata | null,
    picture: info && {
      mediaType: `image/${info.format}`,
      width: info.width,
      height: info.height,
      perceptualHash: image === null ? (known?.perceptualHash ?? null) : perceptualHash(image),
    },
    image,
    vector: known?.complete || known?.deleted ? null : (known?.vector ?? null),
  };
}

// Before the row that names it: a row without its file must never be.
async function store(blobs: BlobStore, hash: string, bytes: Uint8Array): Promise<void> {
  await blobs.put(hash, bytes).catch((error: unknown) => {
    throw new StorageError(error);
  });
}

/** What the listing said against an item that is tried again. */
function refusedBefore({ ordinal, metadata }: ImportItem): ItemRejection | null {
  const { refused } = (metadata ?? {}) as { readonly refused?: { code: string; reason: string } };
  return refused ? { ordinal, state: 'REJECTED', ...refused } : null;
}

/** Whether there is something to read and to decode: all but queries in words. */
const isPicture = ({ kind, metadata }: ImportItem): boolean =>
  kind === 'PHOTO' || (metadata as QueryMetadata | null)?.text === null;

const inWords = (item: ImportItem): CommittedQuery => ({
  ordinal: item.ordinal,
  path: item.path,
  metadata: item.metadata as unknown as QueryMetadata,
  picture: null,
});

/** Decoded whole, so that a damaged query is found now and not when it is used. */
async function prepareQuery({ item, bytes, hash }: ReadFile, blobs: BlobStore): Promise<CommittedQuery> {
  const { width, height } = await decodeImage(bytes);
  await store(blobs, hash, bytes);
  return { ...inWords(item), picture: { contentHash: hash, width, height } };
}

/** Our own storage fails: a fault of the whole import and not of one file. */
export class StorageError extends Error {
  constructor(cause: unknown) {
    super(`a photo cannot be stored: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StorageError';
  }
}

function rejectionOf({ ordinal }: ImportItem, error: unknown): ItemRejection {
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

/** Encodes a batch. A picture that makes the encoder fail is told from the others by encoding one at a time. */
export async function encodeBatch(
  batch: PreparedBatch,
  model: EmbeddingModel,
): Promise<{ photos: CommittedPhoto[]; rejections: ItemRejection[] }> {
  const rejections = [...batch.rejections];
  const photos: CommittedPhoto[] = [];
  const vectors = await encodeEach(
    batch.photos.flatMap(({ image }) => (image === null ? [] : [image])),
    model,
  );
  for (const { image, ...photo } of batch.photos) {
    const encoded = image === null ? null : vectors.shift();
    if (encoded instanceof Error) {
      const reason = `the encoder failed: ${encoded.message}`;
      rejections.push({ ordinal: photo.ordinal, state: 'FAILED', code: 'ENCODER_FAILED', reason });
    } else {
      photos.push({ ...photo, vector: encoded ? vectorText(encoded) : photo.vector });
    }
  }
  return { photos, rejections };
}

/** A vector for each picture, or the error that it caused. */
export async function encodeEach(
  images: readonly RgbImage[],
  model: EmbeddingModel,
): Promise<(Float32Array | Error)[]> {
  if (images.length === 0) return [];
  try {
    return (await model.encodeImages(images)).map((vector) => checked(vector, model));
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (images.length === 1) return [failure];
    const single: (Float32Array | Error)[] = [];
    for (const image of images) single.push(...(await encodeEach([image], model)));
    return single;
  }
}

function checked(vector: Float32Array, { dimensions }: EmbeddingModel): Float32Array | Error {
  if (vector.length !== dimensions)
    return new Error(`it gave ${vector.length} values instead of ${dimensions}`);
  return vector.every(Number.isFinite) ? vector : new Error('it gave values that are not finite');
}

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

/** Maps in order with at most `limit` at work. */
async function mapLimited<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = values.entries();
  await Promise.all(
    Array.from({ length: Math.min(limit, values.length) }, async () => {
      for (const [i, value] of queue) results.set(i, await map(value));
    }),
  );
  return values.flatMap((_value, i) => (results.has(i) ? [results.get(i) as R] : []));
}
