import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Dataset, DatasetRecord, ImageRecord, QueryRecord } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { MAX_LINE_LENGTH, readLines } from './listing/read-lines.js';
import { parseManifestLine } from './manifest-record.js';

export const MANIFEST_NAME = 'manifest.jsonl';

export interface ReadDatasetOptions {
  /** Only the records of this split, and those that name none. */
  readonly split?: string;
  /** Whether each file is looked up on disk; on unless switched off. */
  readonly checkFiles?: boolean;
}

/** Reads a dataset folder whole and checks it: every line, file, target and, if asked for, the split.
 *  @throws {DatasetError} at the first thing that is wrong. */
export async function readDatasetFolder(dir: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  const root = resolve(dir);
  const images = new Map<string, Placed<ImageRecord>>();
  const queries: Placed<QueryRecord>[] = [];
  for await (const { record, line } of streamManifest(root)) {
    if (record.kind === 'query') {
      queries.push({ record, line });
      continue;
    }
    const earlier = images.get(record.file);
    if (earlier !== undefined) {
      throw new DatasetError(
        'DUPLICATE_IMAGE',
        `${join(root, MANIFEST_NAME)}:${line}: image "${record.file}" already stands in line ${earlier.line}`,
      );
    }
    images.set(record.file, { record, line });
  }
  const all: Placed<DatasetRecord>[] = [...images.values(), ...queries];
  const splits = [...new Set(all.flatMap(({ record }) => record.split ?? []))].sort();
  requireSplit(root, options.split, splits);
  const chosen = <T extends DatasetRecord>(placed: Iterable<Placed<T>>): Placed<T>[] =>
    [...placed].filter(({ record }) => inSplit(record, options.split));
  const chosenImages = chosen(images.values());
  const chosenQueries = chosen(queries);
  for (const query of chosenQueries) requireTarget(root, query, images, options.split);
  if (options.checkFiles ?? true) await requireFiles(root, [...chosenImages, ...chosenQueries]);
  return {
    name: basename(root),
    dir: root,
    images: chosenImages.map(({ record }) => record),
    queries: chosenQueries.map(({ record }) => record),
    splits,
    notes: [],
  };
}

export interface Placed<T extends DatasetRecord = DatasetRecord> {
  readonly record: T;
  /** Line in the manifest, from 1. */
  readonly line: number;
}

/** Reads a manifest of any length one record at a time. Each line is checked on its own: targets, duplicates and
 *  files on disk are not. @throws {DatasetError} when it comes to a bad line. */
export async function* streamManifest(dir: string): AsyncGenerator<Placed> {
  const root = resolve(dir);
  const manifest = join(root, MANIFEST_NAME);
  await requireManifest(root, manifest);
  for await (const { line, text } of readLines(manifest)) {
    if (text === null) {
      const what = `the line is longer than ${MAX_LINE_LENGTH} characters; expected one JSON object`;
      throw new DatasetError('BAD_RECORD', `${manifest}:${line}: ${what}`, { line });
    }
    if (text.trim() === '') continue;
    yield { record: parseManifestLine(text, root, { manifest, line }), line };
  }
}

async function requireManifest(root: string, manifest: string): Promise<void> {
  const folder = await stat(root).catch(() => undefined);
  if (folder === undefined || !folder.isDirectory()) {
    throw new DatasetError(
      'DATASET_NOT_FOUND',
      `${root}: expected a dataset folder, there is no such folder`,
    );
  }
  const file = await stat(manifest).catch(() => undefined);
  if (file === undefined || !file.isFile()) {
    throw new DatasetError(
      'MANIFEST_MISSING',
      `${root}: expected a file ${MANIFEST_NAME} (one JSON record a line), there is none`,
    );
  }
}

/** A record without a split belongs to every split. */
export const inSplit = (record: DatasetRecord, split: string | undefined): boolean =>
  split === undefined || record.split === undefined || record.split === split;

/** @throws {DatasetError} `UNKNOWN_SPLIT`, naming the splits that there are. */
export function requireSplit(dir: string, split: string | undefined, splits: readonly string[]): void {
  if (split === undefined || splits.includes(split)) return;
  const there = splits.length === 0 ? 'it names no split' : `it has: ${splits.join(', ')}`;
  throw new DatasetError('UNKNOWN_SPLIT', `${dir}: there is no split "${split}"; ${there}`, {
    split,
    splits,
  });
}

function requireTarget(
  root: string,
  { record, line }: Placed<QueryRecord>,
  images: ReadonlyMap<string, Placed<ImageRecord>>,
  split: string | undefined,
): void {
  if (record.target === undefined) return;
  const place = `${join(root, MANIFEST_NAME)}:${line}`;
  const target = images.get(record.target)?.record;
  if (target === undefined) {
    throw new DatasetError(
      'TARGET_MISSING',
      `${place}: target "${record.target}" is no image of this manifest; expected the "file" of one`,
      { target: record.target, line },
    );
  }
  if (!inSplit(target, split)) {
    throw new DatasetError(
      'TARGET_MISSING',
      `${place}: the query belongs to split "${split}", its target "${record.target}" to "${target.split}"`,
      { target: record.target, line },
    );
  }
}

// Files looked up at a time: enough to keep a disk busy, few enough for any limit on open handles.
const LOOKUPS = 64;

async function requireFiles(root: string, placed: readonly Placed[]): Promise<void> {
  const outside = await linkGuard(root);
  for (let i = 0; i < placed.length; i += LOOKUPS) {
    await Promise.all(
      placed.slice(i, i + LOOKUPS).map(async ({ record, line }) => {
        if (!('path' in record)) return;
        const place = `${join(root, MANIFEST_NAME)}:${line}`;
        const info = await stat(record.path).catch(() => undefined);
        if (info === undefined || !info.isFile()) {
          const what = info === undefined ? 'there is no such file' : 'it is not a file';
          throw new DatasetError('FILE_MISSING', `${place}: "${record.file}": ${what} (${record.path})`, {
            file: record.file,
            line,
          });
        }
        if (await outside(record.path)) {
          throw new DatasetError(
            'PATH_OUTSIDE',
            `${place}: "${record.file}" is reached by a link that leaves the dataset's folder`,
            { file: record.file, line },
          );
        }
      }),
    );
  }
}

/** Tells whether a file below `root` really lies elsewhere, through a symbolic link on its way. */
export async function linkGuard(root: string): Promise<(path: string) => Promise<boolean>> {
  const realRoot = await realpath(root);
  const inside = (path: string): boolean => path === realRoot || path.startsWith(realRoot + sep);
  // Folders are resolved once; a file only where it is a link itself.
  const folders = new Map<string, Promise<boolean>>();
  return async (path) => {
    const folder = dirname(path);
    const known = folders.get(folder) ?? realpath(folder).then(inside);
    folders.set(folder, known);
    if (!(await known)) return true;
    const info = await lstat(path);
    return info.isSymbolicLink() && !inside(await realpath(path));
  };
}
