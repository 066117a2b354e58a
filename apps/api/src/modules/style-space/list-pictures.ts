import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@freestyle/core';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { ExportRepository, ExportSubject } from '../export/repository.js';
import type { PictureSource } from './options.js';

/** A picture that a space is built from. */
export interface ListedPicture {
  readonly itemId: string;
  readonly isQuery: boolean;
  readonly style: string | null;
  readonly className: string | null;
  readonly split: string | null;
  readonly contentHash: string;
  readonly fileName: string | null;
  /** The photo that a query means. */
  readonly targetId: string | null;
  /** Where it lies; null where it is lost. */
  readonly path: string | null;
}

export interface ListParts {
  readonly exports: ExportRepository;
  readonly blobs: BlobStore;
}

const PAGE = 500;
/** The style of the gallery's own pictures. */
const PHOTO = 'photo';

/** The pictures of a dataset version that a space is built from, in the order of an export: photos, then queries. The list
 *  is kept in the folder, so that a run that goes on works on the very same.
 *  @param most a sample of this many, drawn by the seed; null for all. */
export async function listPictures(
  parts: ListParts,
  subject: ExportSubject,
  {
    source,
    most,
    seed,
  }: { readonly source: PictureSource; readonly most: number | null; readonly seed: number },
  folder: string,
): Promise<ListedPicture[]> {
  const file = join(folder, 'pictures.json');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return JSON.parse(kept) as ListedPicture[];
  const all = await allPictures(parts, subject, source);
  const chosen =
    most === null || most >= all.length
      ? all
      : createRandom(`style space ${seed}`)
          .shuffle([...all.keys()])
          .slice(0, most)
          .sort((a, b) => a - b)
          .flatMap((at) => all[at] ?? []);
  await writeFile(`${file}.new`, JSON.stringify(chosen));
  await rename(`${file}.new`, file);
  return chosen;
}

/** Every photo and query picture of a version. Queries are told by style; photos have that of the gallery. */
export async function allPictures(
  { exports, blobs }: ListParts,
  subject: ExportSubject,
  source: PictureSource,
): Promise<ListedPicture[]> {
  const photos: ListedPicture[] = [];
  const idOf = new Map<string, string>();
  for await (const photo of pages((after) => exports.photosAfter(subject, after, PAGE))) {
    const { id, contentHash, className, split, fileName } = photo;
    idOf.set(contentHash, id);
    if (source === 'QUERIES') continue;
    const path = await blobs.path(contentHash);
    photos.push({
      ...{ itemId: id, isQuery: false, style: PHOTO, className, split, contentHash, fileName },
      ...{ targetId: null, path },
    });
  }
  if (source === 'PHOTOS') return photos;
  const queries: ListedPicture[] = [];
  for await (const query of pages((after) => exports.queriesAfter(subject, after, PAGE))) {
    const { id, contentHash, className, split, fileName, style, targetHash } = query;
    if (contentHash === null) continue;
    const targetId = targetHash === null ? null : (idOf.get(targetHash) ?? null);
    const path = await blobs.path(contentHash);
    queries.push({
      itemId: id,
      isQuery: true,
      style,
      className,
      split,
      contentHash,
      fileName,
      targetId,
      path,
    });
  }
  return [...photos, ...queries];
}

async function* pages<Row extends { readonly id: string }>(
  read: (after: string | null) => Promise<Row[]>,
): AsyncGenerator<Row> {
  for (let after: string | null = null; ; ) {
    const rows: Row[] = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}
