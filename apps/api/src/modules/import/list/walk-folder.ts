import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { systemErrorCode } from '../../../platform/errors.js';

export interface WalkedFolder {
  /** Everything that is no folder, relative with `/`, sorted; links are judged when they are read. */
  readonly files: readonly string[];
  /** Folders that cannot be read, with the system's word for it. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

// What operating systems leave in folders of pictures.
const CLUTTER: ReadonlySet<string> = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);

/** Whether a name of a file or a folder is passed over: hidden, or left behind by an operating system. */
export const isClutter = (name: string): boolean => name.startsWith('.') || CLUTTER.has(name);

/** Names what lies below a folder; folders behind links are not entered.
 *  @param exclude a folder to leave out, for when our own data lies inside. */
export async function walkFolder(root: string, exclude?: string): Promise<WalkedFolder> {
  const left = exclude === undefined ? null : resolve(exclude);
  const files: string[] = [];
  const unreadable: { path: string; code: string }[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (resolve(folder) === left) continue;
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => error);
    if (!Array.isArray(entries)) {
      const code = systemErrorCode(entries) ?? 'unknown error';
      unreadable.push({ path: `${relativePath(root, folder)}/`, code });
      continue;
    }
    for (const entry of entries) {
      if (isClutter(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else files.push(relativePath(root, join(folder, entry.name)));
    }
  }
  return { files: files.sort(), unreadable };
}

const relativePath = (root: string, path: string): string => relative(root, path).split(sep).join('/');
