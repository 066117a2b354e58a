import type { VersionRecord } from '@freestyle/core';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { ArchiveFile } from './archive.js';
import type { ExportPhoto, ExportQuery, ExportRepository, ExportSubject } from './repository.js';
import { findStored, type StoredFile } from './stored-files.js';

/** What an export is made from, and where it may keep the lists that it writes. */
export interface PlanSource {
  readonly exports: ExportRepository;
  readonly blobs: BlobStore;
  readonly subject: ExportSubject;
  /** The version that goes out; null for the dataset as it is now. */
  readonly version: VersionRecord | null;
  /** An empty folder that lives as long as the download: lists of captions are too long for memory. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What an archive shall hold, in order. */
export interface ExportPlan {
  readonly files: ArchiveFile[];
  /** What had to be left out, one sentence each. */
  readonly problems: string[];
}

const PAGE = 500;

/** Every photo with its file; null where the store has lost it. */
export async function* photosOf({
  exports,
  blobs,
  subject,
  signal,
}: PlanSource): AsyncGenerator<{ photo: ExportPhoto; stored: StoredFile | null }> {
  const pages = pagesOf((after) => exports.photosAfter(subject, after, PAGE), signal);
  for await (const page of pages) {
    const stored = await findStored(
      blobs,
      page.map(({ contentHash }) => contentHash),
    );
    for (const photo of page) yield { photo, stored: stored.get(photo.contentHash) ?? null };
  }
}

/** Every query with its file; null for words, and where the store has lost it. */
export async function* queriesOf({
  exports,
  blobs,
  subject,
  signal,
}: PlanSource): AsyncGenerator<{ query: ExportQuery; stored: StoredFile | null }> {
  const pages = pagesOf((after) => exports.queriesAfter(subject, after, PAGE), signal);
  for await (const page of pages) {
    const stored = await findStored(
      blobs,
      page.flatMap(({ contentHash }) => contentHash ?? []),
    );
    for (const query of page) yield { query, stored: stored.get(query.contentHash ?? '') ?? null };
  }
}

async function* pagesOf<Row extends { readonly id: string }>(
  read: (afterId: string | null) => Promise<Row[]>,
  signal: AbortSignal,
): AsyncGenerator<Row[]> {
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted();
    const page: Row[] = await read(after);
    yield page;
    after = page.at(-1)?.id ?? null;
    if (page.length < PAGE) return;
  }
}

export const PROBLEMS_NAME = 'PROBLEMS.txt';

/** Says in the archive itself what it lacks: an export shall not look whole where it is not. */
export function problemsFile(problems: readonly string[]): ArchiveFile[] {
  if (problems.length === 0) return [];
  return [{ name: PROBLEMS_NAME, bytes: Buffer.from(`${problems.join('\n')}\n`) }];
}

export const lostPhoto = ({ fileName }: ExportPhoto): string =>
  `${fileName} was left out, and its queries with it: its file is not in the store any more.`;
export const lostQuery = ({ fileName, style, maker }: ExportQuery): string =>
  `A query (${style}, ${fileName ?? maker ?? 'made here'}) was left out: its file is not in the store any more.`;
