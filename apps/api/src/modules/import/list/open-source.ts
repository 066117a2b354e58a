import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAddress } from '@freestyle/core';
import { systemErrorCode } from '../../../platform/errors.js';
import { JobFailure } from '../../../platform/jobs/job-errors.js';
import type { ImportItem } from '../commit/repository.js';
import type { ImportOptions, ImportSource } from '../import-options.js';
import { ArchiveError, type ArchiveLimits } from '../read/archive/archive-limits.js';
import { type StagingOptions, stageArchive } from '../read/archive/staging.js';
import type { FetchItem } from '../read/fetch-item.js';
import { readSource } from '../read/read-source.js';
import { type ListingPlan, listItems, planListing, refused } from './list-items.js';
import type { ListedItem } from './listed-item.js';
import { isArchiveName } from './resolve-source.js';
import { walkFolder } from './walk-folder.js';

/** A source that is ready to be listed and read. */
export interface OpenSource {
  /** How the folder is read; null for a list of addresses. */
  readonly plan: ListingPlan | null;
  items(): AsyncGenerator<ListedItem>;
  /** @throws {ItemRefusal} */
  read(item: Pick<ImportItem, 'path'>): Promise<Uint8Array>;
}

export interface OpenOptions {
  readonly dataDir: string;
  /** Where an archive is unpacked. */
  readonly staging: string;
  readonly limits: ArchiveLimits;
  readonly fetchItem: FetchItem;
  readonly signal: AbortSignal;
  readonly wanted?: StagingOptions['wanted'];
  readonly goOn?: StagingOptions['goOn'];
  readonly onProgress?: StagingOptions['onProgress'];
}

/** Where the files of an upload lie until their import has taken them. */
export const uploadFolder = (dataDir: string, sessionId: string): string =>
  join(dataDir, 'incoming', sessionId, 'files');

/** Makes a source ready; an archive is unpacked first. @throws {JobFailure} with one line for a person. */
export async function openSource(asked: ImportOptions, options: OpenOptions): Promise<OpenSource> {
  const { source } = asked;
  if (source.kind === 'urls') return addressSource(source.urls, options.fetchItem);
  const place = await placeOf(source, options.dataDir);
  if (!place.archive) return folderSource(place.path, asked, options, source.kind === 'upload', none);
  const staged = await unpacked(place.path, options);
  return folderSource(staged.folder, asked, options, true, staged.refusals);
}

/** The folder or the archive that a source is. */
async function placeOf(
  source: Exclude<ImportSource, { kind: 'urls' }>,
  dataDir: string,
): Promise<{ path: string; archive: boolean }> {
  if (source.kind !== 'upload') {
    const what = source.kind === 'archive' ? 'archive' : 'folder';
    return { path: await realPlace(source.path, what), archive: source.kind === 'archive' };
  }
  const folder = await realPlace(uploadFolder(dataDir, source.sessionId), 'upload');
  const { files } = await walkFolder(folder);
  const [only = ''] = files;
  return files.length === 1 && isArchiveName(only)
    ? { path: join(folder, only), archive: true }
    : { path: folder, archive: false };
}

async function realPlace(path: string, what: string): Promise<string> {
  try {
    const real = await realpath(path);
    await stat(real);
    return real;
  } catch (error) {
    const where = what === 'upload' ? 'files of the upload are' : `${what} ${path} is`;
    throw new JobFailure(`The ${where} not there any more.`, { cause: error, code: 'SOURCE_MISSING' });
  }
}

async function unpacked(archive: string, options: OpenOptions) {
  try {
    return await stageArchive(archive, options.staging, options);
  } catch (error) {
    if (error instanceof ArchiveError)
      throw new JobFailure(error.message, { cause: error, code: 'ARCHIVE_UNUSABLE' });
    if (systemErrorCode(error) === 'ENOSPC') {
      throw new JobFailure(
        'The disk is full: the archive cannot be unpacked. Make room, then retry the job.',
        { cause: error, code: 'STORAGE_FAILED' },
      );
    }
    throw error;
  }
}

async function folderSource(
  folder: string,
  { format, columns, encoding, takeUnlisted }: ImportOptions,
  { dataDir, fetchItem }: OpenOptions,
  mayDescend: boolean,
  refusals: () => AsyncGenerator<ListedItem>,
): Promise<OpenSource> {
  // Our own data may lie inside a server's folder, also behind a link; what was brought lies inside our own data.
  const exclude = mayDescend ? undefined : await realpath(dataDir);
  const plan = await planListing(folder, {
    format,
    columns,
    encoding,
    takeUnlisted,
    exclude,
    mayDescend,
  });
  const root = await realpath(plan.source.dir);
  return {
    plan,
    async *items() {
      yield* refusals();
      yield* listItems(plan);
    },
    read: ({ path }) => (isAddress(path) ? fetchItem(path) : readSource(root, path)),
  };
}

async function* none(): AsyncGenerator<ListedItem> {}

function addressSource(urls: readonly string[], fetchItem: FetchItem): OpenSource {
  return {
    plan: null,
    read: ({ path }) => fetchItem(path),
    async *items() {
      const seen = new Set<string>();
      for (const url of urls) {
        if (!isAddress(url)) {
          yield refused(url, 'BAD_ADDRESS', 'expected an address that begins with http:// or https://');
        } else if (seen.has(url)) {
          yield refused(url, 'LISTED_TWICE', 'the address stands in the list before');
        } else {
          seen.add(url);
          yield { kind: 'PHOTO', path: url, byteSize: null, modifiedMs: null, metadata: null, refusal: null };
        }
      }
    },
  };
}
