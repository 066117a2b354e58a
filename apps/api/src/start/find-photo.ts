import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_NAME, sniffFormat } from '@freestyle/core';
import { StartProblem } from './start-problem.js';

// Enough for every format that is told from its first bytes.
const HEAD_BYTES = 1024;

/** Makes sure that a folder holds a photo, before anything is started for it. A folder with a manifest is judged by
 *  the import. @throws {StartProblem} */
export async function requirePhoto(folder: string): Promise<void> {
  let files = 0;
  const closed: string[] = [];
  for await (const path of filesOf(folder, closed)) {
    if (path === join(folder, MANIFEST_NAME) || (await isPicture(path))) return;
    files += 1;
  }
  const found = files === 0 ? 'it holds no file' : `none of its ${files.toLocaleString('en')} files is one`;
  const unread = closed.length === 0 ? '' : `, and ${closed[0]} cannot be read`;
  throw new StartProblem(
    `there is no photo in ${folder}: ${found}${unread} (JPEG, PNG, WebP, GIF, TIFF or AVIF are taken).`,
  );
}

/** Files first, so that a folder of photos is seen to be one at once.
 *  @param closed is given the folders that could not be read. */
async function* filesOf(folder: string, closed: string[]): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    closed.push(folder);
    return [];
  });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  for (const entry of visible) {
    if (!entry.isDirectory()) yield join(folder, entry.name);
  }
  for (const entry of visible) {
    if (entry.isDirectory()) yield* filesOf(join(folder, entry.name), closed);
  }
}

async function isPicture(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return sniffFormat(buffer.subarray(0, bytesRead)).kind === 'image';
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
