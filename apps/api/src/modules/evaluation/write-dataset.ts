import { writeFile } from 'node:fs/promises';
import type { Dataset, ImageRecord, QueryRecord } from '@freestyle/core';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { ExportRepository, ExportSubject } from '../export/repository.js';

export interface DatasetFileParts {
  readonly exports: ExportRepository;
  readonly blobs: BlobStore;
}

const PAGE = 500;

/** Writes a version as one JSON file of records for the compute process: photos and queries in the order in which an
 *  export lists them, each by its id, with the place of its picture. A picture that is lost is listed all the same: the
 *  evaluation then tells it. @returns how many there are. */
export async function writeDatasetFile(
  { exports, blobs }: DatasetFileParts,
  subject: ExportSubject,
  name: string,
  path: string,
): Promise<{ readonly photos: number; readonly queries: number }> {
  const images: ImageRecord[] = [];
  const idOf = new Map<string, string>();
  const place = async (hash: string) => (await blobs.path(hash)) ?? `lost ${hash}`;
  for await (const photo of pages((after) => exports.photosAfter(subject, after, PAGE))) {
    idOf.set(photo.contentHash, photo.id);
    images.push({
      kind: 'image',
      file: photo.id,
      path: await place(photo.contentHash),
      captions: photo.captions,
      ...(photo.className !== null && { class: photo.className }),
      ...(photo.split !== null && { split: photo.split }),
      attributes: {},
    });
  }
  const queries: QueryRecord[] = [];
  for await (const query of pages((after) => exports.queriesAfter(subject, after, PAGE))) {
    const target = query.targetHash === null ? undefined : idOf.get(query.targetHash);
    const { maker: _maker, ...attributes } = query.attributes;
    const maker = query.maker ?? _maker;
    const common = {
      kind: 'query' as const,
      style: query.style,
      ...(target !== undefined && { target }),
      ...(query.className !== null && { class: query.className }),
      ...(query.split !== null && { split: query.split }),
      attributes: { ...attributes, ...(maker !== undefined && maker !== null && { maker }) },
    };
    if (query.contentHash === null) queries.push({ ...common, text: query.text ?? '' });
    else queries.push({ ...common, file: query.id, path: await place(query.contentHash) });
  }
  const splits = [...new Set([...images, ...queries].flatMap(({ split }) => split ?? []))].sort();
  const dataset: Dataset = { name, dir: '', images, queries, splits, notes: [] };
  await writeFile(path, JSON.stringify(dataset));
  return { photos: images.length, queries: queries.length };
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
