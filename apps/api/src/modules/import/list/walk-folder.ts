import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { passedOverReason } from '@freestyle/core';
import { systemErrorCode } from '../../../platform/errors.js';
import { fileNameText } from '../read/file-name.js';
import type { PassedOverTally } from './passed-over.js';

export interface WalkedFolder {
  /** Everything that is no folder, relative with `/`, sorted; links are judged when they are read. */
  readonly files: readonly string[];
  /** Folders that cannot be read, with the system's word for it. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

export interface WalkOptions {
  /** A folder to leave out, for when our own data lies inside. */
  readonly exclude?: string | undefined;
  /** Is told of each file that is nobody's photo. */
  readonly passedOver?: PassedOverTally | undefined;
}

/** Whether a name of a file or a folder is passed over: hidden, or left behind by a system or a storage device. */
export const isClutter = (name: string): boolean => passedOverReason(name) !== null;

// What lies in such folders is counted for a person to know, not for a machine to trust.
const MOST_COUNTED = 100_000;

/** Names what lies below a folder; folders behind links are not entered. A name that is no UTF-8 comes as
 *  {@link fileNameText} writes it. */
export async function walkFolder(root: string, options: WalkOptions = {}): Promise<WalkedFolder> {
  const left = options.exclude === undefined ? null : resolve(options.exclude);
  const files: string[] = [];
  const unreadable: { path: string; code: string }[] = [];
  const folders = [{ path: Buffer.from(root), shown: root }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (resolve(folder.shown) === left) continue;
    const entries = await entriesOf(folder.path);
    if (!Array.isArray(entries)) {
      const code = systemErrorCode(entries) ?? 'unknown error';
      unreadable.push({ path: `${relativePath(root, folder.shown)}/`, code });
      continue;
    }
    for (const entry of entries) {
      const name = fileNameText(entry.name);
      const shown = join(folder.shown, name);
      const path = Buffer.concat([folder.path, Buffer.from(sep), entry.name]);
      const reason = passedOverReason(name);
      if (reason !== null) {
        const skipped = entry.isDirectory() ? await filesBelow(path, shown) : [shown];
        for (const file of skipped) options.passedOver?.add(reason, relativePath(root, file));
      } else if (entry.isDirectory()) folders.push({ path, shown });
      else files.push(relativePath(root, shown));
    }
  }
  return { files: files.sort(), unreadable };
}

const entriesOf = (folder: Buffer): Promise<Dirent<Buffer>[] | unknown> =>
  readdir(folder, { withFileTypes: true, encoding: 'buffer' }).catch((error: unknown) => error);

/** Files of a folder that is passed over, so that they can be counted. */
async function filesBelow(folder: Buffer, shown: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [{ path: folder, shown }];
  for (let next = folders.pop(); next !== undefined && files.length < MOST_COUNTED; next = folders.pop()) {
    const entries = await entriesOf(next.path);
    if (!Array.isArray(entries)) continue;
    for (const entry of entries as Dirent<Buffer>[]) {
      const below = join(next.shown, fileNameText(entry.name));
      if (entry.isDirectory())
        folders.push({ path: Buffer.concat([next.path, Buffer.from(sep), entry.name]), shown: below });
      else files.push(below);
    }
  }
  return files;
}

const relativePath = (root: string, path: string): string => relative(root, path).split(sep).join('/');
