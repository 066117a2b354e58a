import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { linkGuard } from './read-dataset-folder.js';
import { passedOverReason } from './system-files.js';

/** Names that picture files carry; the content is judged when a file is decoded. */
export const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set([
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'png',
  'webp',
  'gif',
  'tif',
  'tiff',
  'avif',
]);

/** The extension in lower case without its dot, or ''. */
export const extensionOf = (file: string): string => posix.extname(file).slice(1).toLowerCase();

/** A path without its extension, in lower case: what stays the same when a tool re-encodes or renames a file. */
export const stemOf = (file: string): string =>
  file.slice(0, file.length - posix.extname(file).length).toLowerCase();

export const isImageName = (file: string): boolean => IMAGE_EXTENSIONS.has(extensionOf(file));

export interface FolderListing {
  /** Files below the folder, `/` between names, sorted. */
  readonly files: readonly string[];
  /** Symbolic links left aside because they lead out of the folder or nowhere. */
  readonly strayLinks: readonly string[];
}

/** Every file below a folder. Hidden names and what system tools leave behind are passed over; links to folders are
 *  not followed (they may run in circles), links to files are taken when they stay inside. */
export async function listFiles(dir: string): Promise<FolderListing> {
  const outside = await linkGuard(dir);
  const files: string[] = [];
  const strayLinks: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(dir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (passedOverReason(entry.name) !== null) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
      else if (entry.isSymbolicLink()) {
        const stray = await outside(join(dir, path)).catch(() => true);
        if (stray) strayLinks.push(path);
        else if (isImageName(path)) files.push(path);
      }
    }
  }
  return { files: files.sort(), strayLinks: strayLinks.sort() };
}

/** Looks files up as other tools name them: by exact path, else by path without regard to case and extension, else by
 *  ever shorter endings of the path (a list that was written on another machine). */
export interface FileFinder {
  find(path: string): string | undefined;
}

/** @param files paths to search. @param accept which of them may be found. */
export function fileFinder(
  files: readonly string[],
  accept: (file: string) => boolean = isImageName,
): FileFinder {
  const exact = new Set<string>();
  const byStem = new Map<string, string>();
  for (const file of files) {
    if (!accept(file)) continue;
    exact.add(file);
    const stem = stemOf(file);
    if (!byStem.has(stem)) byStem.set(stem, file);
  }
  return {
    find(path) {
      let rest = posix.normalize(path.replaceAll('\\', '/')).replace(/^(\.?\/)+/, '');
      for (;;) {
        if (exact.has(rest)) return rest;
        const same = byStem.get(stemOf(rest)) ?? byStem.get(rest.toLowerCase());
        if (same !== undefined) return same;
        const slash = rest.indexOf('/');
        if (slash < 0) return undefined;
        rest = rest.slice(slash + 1);
      }
    },
  };
}
