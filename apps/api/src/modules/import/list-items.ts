import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { DatasetError, MANIFEST_NAME, parseManifestLine } from '@freestyle/core';
import { systemErrorCode } from '../../errors.js';

/** What a manifest says about a photo. */
export interface ItemMetadata {
  readonly captions: readonly string[];
  readonly class: string | null;
  readonly split: string | null;
  /** Absent where the list says nothing of tags. */
  readonly tags?: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a listing says about a query. */
export interface QueryMetadata {
  readonly style: string;
  /** `fileName` of the photo that is meant. */
  readonly target: string | null;
  /** The words of a query in words; null for pictures. */
  readonly text: string | null;
  readonly class: string | null;
  readonly split: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A photo or query that an import has to deal with; nothing was read of it yet. */
export interface ListedItem {
  readonly kind: 'PHOTO' | 'QUERY';
  /** Relative to the folder, with `/`; the place in a list for words, the address for pictures of the web. */
  readonly path: string;
  readonly byteSize: number | null;
  readonly modifiedMs: number | null;
  readonly metadata: ItemMetadata | QueryMetadata | null;
  /** Why it cannot even be looked at. */
  readonly refusal: {
    readonly state?: 'REJECTED' | 'DUPLICATE';
    readonly code: string;
    readonly reason: string;
  } | null;
}

// What operating systems leave in folders of pictures.
const CLUTTER = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);

/** Lists what a folder holds: the images of its manifest where it has one, else every file below it.
 *  Hidden files are passed over, links are listed and judged later, folders behind links are not entered.
 *  @param exclude a folder to leave out, for when our own data lies inside. */
export async function* listItems(folder: string, exclude?: string): AsyncGenerator<ListedItem> {
  const manifest = join(folder, MANIFEST_NAME);
  const found = await lstat(manifest).catch(() => null);
  yield* found?.isFile() ? listManifest(folder, manifest) : listFolder(folder, exclude);
}

async function* listFolder(root: string, exclude?: string): AsyncGenerator<ListedItem> {
  const left = exclude === undefined ? null : resolve(exclude);
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (resolve(folder) === left) continue;
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => error);
    if (!Array.isArray(entries)) {
      const code = systemErrorCode(entries) ?? 'unknown error';
      yield refused(
        `${relativePath(root, folder)}/`,
        'FILE_UNREADABLE',
        `the folder cannot be read (${code})`,
      );
      continue;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const visible = entries.filter(({ name }) => !name.startsWith('.') && !CLUTTER.has(name));
    for (const entry of visible) {
      if (!entry.isDirectory()) yield describe(root, relativePath(root, join(folder, entry.name)), null);
    }
    const below = visible.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
    folders.push(...below.reverse());
  }
}

async function* listManifest(root: string, manifest: string): AsyncGenerator<ListedItem> {
  const lines = createInterface({
    input: createReadStream(manifest, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const seen = new Set<string>();
  let line = 0;
  for await (const raw of lines) {
    line += 1;
    const text = line === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (text.trim() === '') continue;
    const item = await readLine(text, { root, manifest, line }, seen);
    if (item !== null) yield item;
  }
}

async function readLine(
  text: string,
  { root, manifest, line }: { root: string; manifest: string; line: number },
  seen: Set<string>,
): Promise<ListedItem | null> {
  const place = `${MANIFEST_NAME}:${line}`;
  try {
    const record = parseManifestLine(text, root, { manifest: MANIFEST_NAME, line });
    // Queries are no gallery photos.
    if (record.kind === 'query') return null;
    if (seen.has(record.file)) {
      return refused(
        place,
        'DUPLICATE_IMAGE',
        `${record.file} already stands in an earlier line of ${manifest}`,
      );
    }
    seen.add(record.file);
    return describe(root, record.file, {
      captions: record.captions.map(withoutNul),
      class: record.class === undefined ? null : withoutNul(record.class),
      split: record.split === undefined ? null : withoutNul(record.split),
      attributes: cleanAttributes(record.attributes),
    });
  } catch (error) {
    if (error instanceof DatasetError) return refused(place, error.code, error.message);
    throw error;
  }
}

async function describe(root: string, path: string, metadata: ItemMetadata | null): Promise<ListedItem> {
  const info = await lstat(join(root, path)).catch(() => null);
  // A link's own size and time say nothing about what it leads to.
  const plain = info?.isFile() ? info : null;
  return {
    kind: 'PHOTO',
    path,
    byteSize: plain?.size ?? null,
    modifiedMs: plain?.mtimeMs ?? null,
    metadata,
    refusal: null,
  };
}

const refused = (path: string, code: string, reason: string): ListedItem => ({
  kind: 'PHOTO',
  path,
  byteSize: null,
  modifiedMs: null,
  metadata: null,
  refusal: { code, reason },
});

const relativePath = (root: string, path: string): string => relative(root, path).split(sep).join('/');

// PostgreSQL's text and JSON cannot hold a zero character.
const withoutNul = (text: string): string => text.replaceAll('\0', '');

const cleanAttributes = (attributes: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  JSON.parse(JSON.stringify(attributes), (_key, value: unknown) =>
    typeof value === 'string' ? withoutNul(value) : value,
  ) as Record<string, unknown>;
