import { access, appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLines } from '@freestyle/core';
import { refused } from '../../list/list-items.js';
import type { ListedItem } from '../../list/listed-item.js';
import type { ArchiveLimits } from './archive-limits.js';
import { unpackTar } from './unpack-tar.js';
import { unpackZip } from './unpack-zip.js';
import type { UnpackOptions } from './unpacker.js';

export interface StagedArchive {
  /** Folder that holds what was unpacked. */
  readonly folder: string;
  /** Entries that were not unpacked, with their reasons. */
  refusals(): AsyncGenerator<ListedItem>;
}

export interface StagingOptions {
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal;
  readonly wanted?: UnpackOptions['wanted'];
  readonly goOn?: UnpackOptions['goOn'];
  readonly onProgress?: UnpackOptions['onProgress'];
}

/** Characters of a refused entry's name that are kept; a hostile one may have millions. */
const MAX_NAME = 8192;

const stagingRoot = (dataDir: string): string => join(dataDir, 'staging');
/** Where the archive of a job is unpacked until the job ends. */
export const stagingFolder = (dataDir: string, jobId: string): string => join(stagingRoot(dataDir), jobId);

/** Unpacks an archive into `folder`; one that was unpacked to its end before is taken as it is, one that was left
 *  half-way is begun again. @throws {ArchiveError} */
export async function stageArchive(
  archive: string,
  folder: string,
  options: StagingOptions,
): Promise<StagedArchive> {
  const files = join(folder, 'files');
  const refusals = join(folder, 'refused.jsonl');
  const complete = join(folder, 'complete');
  const isComplete = await access(complete).then(
    () => true,
    () => false,
  );
  if (!isComplete) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(files, { recursive: true });
    await writeFile(refusals, '');
    const unpack = /\.zip$/i.test(archive) ? unpackZip : unpackTar;
    await unpack(archive, {
      ...options,
      folder: files,
      refuse: (path, code, reason) =>
        appendFile(refusals, `${JSON.stringify({ path: path.slice(0, MAX_NAME), code, reason })}\n`),
    });
    await writeFile(complete, '');
  }
  return { folder: files, refusals: () => readRefusals(refusals) };
}

async function* readRefusals(file: string): AsyncGenerator<ListedItem> {
  for await (const { text } of readLines(file)) {
    // No line is too long to be read: names were cut.
    const { path, code, reason } = JSON.parse(text ?? '') as { path: string; code: string; reason: string };
    yield refused(path, code, reason);
  }
}

/** Deletes what was unpacked for a job. */
export const removeStaging = (dataDir: string, jobId: string): Promise<void> =>
  rm(stagingFolder(dataDir, jobId), { recursive: true, force: true });

/** Ids of jobs for which something is unpacked. */
export const stagedJobs = (dataDir: string): Promise<string[]> =>
  readdir(stagingRoot(dataDir)).catch(() => []);
