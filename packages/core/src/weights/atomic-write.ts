import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicWriteOptions {
  /** Folder of the file while it is not whole, on the same file system; beside its place unless given. */
  readonly temporaryFolder?: string | undefined;
}

/** Writes a file so that a reader sees the old content or the whole new one, never a part, and so that what was written
 *  is still there after a power cut: into a temporary file, flushed to disk, then renamed, and the rename is flushed
 *  with the folder. On failure nothing is left behind.
 *  @param content the bytes, or what writes them. */
export async function atomicWrite(
  path: string,
  content: Uint8Array | ((file: FileHandle) => Promise<void>),
  { temporaryFolder }: AtomicWriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  if (temporaryFolder !== undefined) await mkdir(temporaryFolder, { recursive: true });
  const name = `.${basename(path)}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  const temporary = join(temporaryFolder ?? folder, name);
  try {
    const file = await open(temporary, 'wx');
    try {
      if (typeof content === 'function') await content(file);
      else await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Flushes the names in a folder to disk, where the system lets a folder be opened for it (Windows does not). */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
