import { decodeImage, type OpenedImage, openImage, perceptualHash } from '@freestyle/core';
import type { BlobStore } from '../../../platform/storage/blob-store.js';
import type { CommittedQuery } from '../commit/item-batch.js';
import type { ImportItem, KnownContent } from '../commit/repository.js';
import type { ItemMetadata, QueryMetadata } from '../list/listed-item.js';
import type { PreparedPhoto } from './prepared-batch.js';
import { StorageError } from './rejection.js';

/** A file with its bytes. */
export interface ReadFile {
  readonly item: ImportItem;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** A file whose header was read, so that its pixels can be counted before they are decoded. */
export interface MeasuredFile {
  readonly file: ReadFile;
  readonly known: KnownContent | undefined;
  /** Null where nothing needs to be stored. */
  readonly opened: OpenedImage | null;
  readonly decode: boolean;
}

/** Pixels that preparing will hold; 0 where nothing is decoded. */
export const pixelsOf = ({ decode, opened }: MeasuredFile): number =>
  decode && opened ? opened.info.width * opened.info.height : 0;

/** @throws {ImageDecodeError} */
export async function measure(file: ReadFile, known: KnownContent | undefined): Promise<MeasuredFile> {
  if (known?.complete || known?.deleted) return { file, known, opened: null, decode: false };
  return { file, known, opened: await openImage(file.bytes), decode: (known?.vector ?? null) === null };
}

/** Decodes what is not known and stores the file. @throws {ImageDecodeError} @throws {StorageError} */
export async function preparePhoto(measured: MeasuredFile, blobs: BlobStore): Promise<PreparedPhoto> {
  const { file, known, opened, decode } = measured;
  const { item, bytes, hash } = file;
  const image = decode && opened ? await opened.decode() : null;
  await store(blobs, hash, bytes);
  return {
    ordinal: item.ordinal,
    path: item.path,
    listedPath: item.path,
    contentHash: hash,
    byteSize: bytes.byteLength,
    metadata: item.metadata as ItemMetadata | null,
    picture: opened && {
      mediaType: `image/${opened.info.format}`,
      width: opened.info.width,
      height: opened.info.height,
      perceptualHash: image === null ? (known?.perceptualHash ?? null) : perceptualHash(image),
    },
    image,
    vector: known?.complete || known?.deleted ? null : (known?.vector ?? null),
  };
}

/** A query in words, with nothing to read. */
export const queryInWords = (item: ImportItem): CommittedQuery => ({
  ordinal: item.ordinal,
  path: item.path,
  metadata: item.metadata as unknown as QueryMetadata,
  picture: null,
});

/** Decoded whole, so that a damaged query is found now and not when it is used.
 *  @throws {ImageDecodeError} @throws {StorageError} */
export async function prepareQuery(
  { item, bytes, hash }: ReadFile,
  blobs: BlobStore,
): Promise<CommittedQuery> {
  const { width, height } = await decodeImage(bytes);
  await store(blobs, hash, bytes);
  return { ...queryInWords(item), picture: { contentHash: hash, width, height } };
}

// Before the row that names it: a row without its file must never be.
async function store(blobs: BlobStore, hash: string, bytes: Uint8Array): Promise<void> {
  await blobs.put(hash, bytes).catch((error: unknown) => {
    throw new StorageError(error);
  });
}
