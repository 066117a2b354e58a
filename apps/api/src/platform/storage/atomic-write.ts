import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Folder of the data folder where files lie until they are whole: what a killed process leaves behind is found there
 *  at once, and never among what is stored. */
export const UNFINISHED = 'unfinished';
/** No write takes as long. */
const UNFINISHED_KEPT_MS = 3_600_000;

/** Writes a file so that it is there whole or not at all, even if the process is killed in between.
 *  @param dataDir where `UNFINISHED` is; on the file system of `path`, or nothing can be moved. */
export async function atomicWrite(dataDir: string, path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = join(dataDir, UNFINISHED);
  await mkdir(unfinished, { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(unfinished, randomUUID());
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

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
