import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite } from '@freestyle/core/weights';

/** Folder of the data folder where files lie until they are whole: what a killed process leaves behind is found there
 *  at once, and never among what is stored. */
export const UNFINISHED = 'unfinished';
/** No write takes as long. */
const UNFINISHED_KEPT_MS = 3_600_000;

/** Puts a file in its place whole or not at all, even if the process is killed or the power cut in between.
 *  @param dataDir where `UNFINISHED` is; on the file system of `path`, or nothing can be moved. */
export const storeFile = (dataDir: string, path: string, bytes: Uint8Array): Promise<void> =>
  atomicWrite(path, bytes, { temporaryFolder: join(dataDir, UNFINISHED) });

/** Deletes what processes left unfinished that were killed, and nothing that may still be written.
 *  @returns how many files. */
export async function sweepUnfinished(dataDir: string, now = Date.now()): Promise<number> {
  const folder = join(dataDir, UNFINISHED);
  let swept = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs < UNFINISHED_KEPT_MS) continue;
    await rm(path, { force: true });
    swept++;
  }
  return swept;
}

/** Size in bytes, or null where there is no such file. */
export async function fileSize(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}
