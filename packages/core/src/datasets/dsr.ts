import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { encodePng, readImage } from '../image/image-codec.js';
import { mosaic } from '../styles/lowres.js';
import type { Dataset, ImageRecord, QueryRecord } from './dataset.js';
import { buildDataset, fileQuery, imageRecord, noteAbout } from './dataset-builder.js';
import { DatasetError } from './dataset-error.js';
import { type FileFinder, fileFinder, isImageName, listFiles } from './file-index.js';
import { isRowArray, type JsonRow, readJson, rowText } from './json-array.js';

export interface ReadDsrOptions {
  readonly split?: string;
  /** Where mosaics are written when the dataset has no `mosaic` folder; without it such a dataset has no low-res queries. */
  readonly madeFilesDir?: string;
  readonly onProgress?: (done: number, total: number) => void;
  /** Is told of listed photos that are not there, which are then left out; without it they are an error. */
  readonly onProblem?: (error: DatasetError) => void;
}

/** Style folders of DSR, each with the names that it goes by. */
const STYLE_FOLDERS = {
  sketch: ['sketch', 'raster_sketches', 'sketches'],
  art: ['art'],
  lowres: ['mosaic', 'lowres'],
} as const;
const LISTS = { train: 'train.json', test: 'test.json', val: 'val.json', whole: 'dataset.json' } as const;
// What the paper shrinks by; see `mosaic`.
const MOSAIC_FACTOR = 16;

/** Reads DSR as its authors hand it out: `{images,sketch,art,mosaic}/<folder>/<file>`, `text/<folder>/<stem>.txt` and
 *  lists of `{image, caption}`. The root may lie one level down; case and extensions may differ between folders.
 *  @throws {DatasetError} for a missing list or a listed photo that is not there; a missing query is a note. */
export async function readDsr(dir: string, options: ReadDsrOptions = {}): Promise<Dataset> {
  const { files } = await listFiles(dir);
  const layout = findDsrRoot(files);
  if (layout === undefined) {
    throw new DatasetError(
      'BAD_LAYOUT',
      `${dir}: expected the DSR layout: a folder "images" beside train.json, test.json or dataset.json`,
    );
  }
  const root = resolve(dir, layout.root);
  const inside = files.filter((f) => f.startsWith(layout.prefix)).map((f) => f.slice(layout.prefix.length));
  const entries = await readLists(root, inside);
  const images: ImageRecord[] = [];
  const queries: QueryRecord[] = [];
  const missing = new Map<string, string[]>();
  const finders = styleFinders(inside);
  for (const entry of entries) {
    const photo = photoOf(root, entry, finders.images, options.onProblem);
    if (photo === undefined) continue;
    const captions = await captionsOf(root, entry, finders.texts, missing);
    images.push(imageRecord(root, photo, { split: entry.split }, captions));
    for (const [style, { folder, finder }] of finders.styles) {
      const found = finder.find(entry.image);
      if (found === undefined) listed(missing, style).push(entry.image);
      else queries.push(fileQuery(root, style, `${folder}/${found}`, { target: photo, split: entry.split }));
    }
  }
  const notes = [...missing].flatMap(([style, items]) =>
    noteAbout(`no ${style} for ${items.length} photos`, items),
  );
  if (!finders.styles.has('lowres')) {
    if (options.madeFilesDir === undefined)
      notes.push('there is no folder "mosaic": low-res queries are to be made');
    else queries.push(...(await makeMosaics(images, options.madeFilesDir, options)));
  }
  return buildDataset(root, images, queries, notes, options.split);
}

/** Where in a listing DSR's root lies: here or one folder down. */
export function findDsrRoot(files: readonly string[]): { root: string; prefix: string } | undefined {
  const roots = ['', ...new Set(files.filter((f) => f.includes('/')).map((f) => `${f.split('/')[0]}/`))];
  for (const prefix of roots) {
    const inside = files.filter((f) => f.startsWith(prefix)).map((f) => f.slice(prefix.length).toLowerCase());
    const hasList = Object.values(LISTS).some((list) => inside.includes(list));
    const hasImages = inside.some((f) => f.startsWith('images/') && isImageName(f));
    const hasStyle = Object.values(STYLE_FOLDERS)
      .flat()
      .some((folder) => inside.some((f) => f.startsWith(`${folder}/`)));
    const hasText = inside.some((f) => f.startsWith('text/'));
    if (hasList && hasImages && (hasStyle || hasText)) return { root: prefix === '' ? '.' : prefix, prefix };
  }
  return undefined;
}

interface Entry {
  readonly image: string;
  readonly caption: string | undefined;
  readonly split: string | undefined;
  /** Where it is listed: `train.json[12]`. */
  readonly place: string;
}

// train.json and test.json decide the split; dataset.json adds what neither of them lists.
async function readLists(root: string, files: readonly string[]): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  for (const [split, name] of Object.entries(LISTS)) {
    const file = files.find((f) => f.toLowerCase() === name);
    if (file === undefined) continue;
    const path = join(root, file);
    const rows = await readJson(path);
    if (!isRowArray(rows)) {
      throw new DatasetError('BAD_RECORD', `${path}: expected a list of {"image", "caption"} objects`, {
        path,
      });
    }
    rows.forEach((row, index) => {
      const entry = entryOf(path, row, index, split === 'whole' ? undefined : split);
      const earlier = entries.get(entry.image);
      if (earlier === undefined) entries.set(entry.image, entry);
      else if (split !== 'whole' && earlier.split !== entry.split) {
        throw new DatasetError(
          'DUPLICATE_IMAGE',
          `${entry.place}: image "${entry.image}" is already in ${earlier.place}, so it would be in two splits`,
        );
      }
    });
  }
  return [...entries.values()];
}

const entryOf = (path: string, row: JsonRow, index: number, split: string | undefined): Entry => ({
  image: rowText(path, row, index, 'image').replaceAll('\\', '/'),
  caption: row.caption === undefined ? undefined : rowText(path, row, index, 'caption'),
  split,
  place: `${path}[${index}]`,
});

/** A folder in the case that it has here, and its files. */
interface FolderFinder {
  readonly folder: string;
  readonly finder: FileFinder;
}

interface Finders {
  readonly images: FolderFinder;
  readonly texts: FolderFinder;
  readonly styles: ReadonlyMap<string, FolderFinder>;
}

function styleFinders(files: readonly string[]): Finders {
  const folderFinder = (folder: string, accept?: (file: string) => boolean): FolderFinder => ({
    folder,
    finder: fileFinder(below(files, folder), accept),
  });
  const styles = new Map<string, FolderFinder>();
  for (const [style, names] of Object.entries(STYLE_FOLDERS)) {
    const folder = names.map((name) => folderNamed(files, name)).find((found) => found !== undefined);
    if (folder !== undefined) styles.set(style, folderFinder(folder));
  }
  return {
    images: folderFinder(folderNamed(files, 'images') ?? 'images'),
    texts: folderFinder(folderNamed(files, 'text') ?? 'text', (file) => /\.txt$/i.test(file)),
    styles,
  };
}

const folderNamed = (files: readonly string[], name: string): string | undefined =>
  files.find((f) => f.toLowerCase().startsWith(`${name}/`))?.slice(0, name.length);

function below(files: readonly string[], folder: string): string[] {
  const prefix = `${folder.toLowerCase()}/`;
  return files.filter((f) => f.toLowerCase().startsWith(prefix)).map((f) => f.slice(prefix.length));
}

function photoOf(
  root: string,
  entry: Entry,
  { folder, finder }: FolderFinder,
  onProblem: ReadDsrOptions['onProblem'],
): string | undefined {
  const found = finder.find(entry.image);
  if (found !== undefined) return `${folder}/${found}`;
  const error = new DatasetError(
    'FILE_MISSING',
    `${entry.place}: image "${entry.image}": there is no such picture in ${join(root, folder)}`,
    { image: entry.image, place: entry.place },
  );
  if (onProblem === undefined) throw error;
  onProblem(error);
  return undefined;
}

async function captionsOf(
  root: string,
  entry: Entry,
  { folder, finder }: FolderFinder,
  missing: Map<string, string[]>,
): Promise<string[]> {
  const file = finder.find(
    entry.caption ?? `${posix.join(posix.dirname(entry.image), posix.parse(entry.image).name)}.txt`,
  );
  const text = file === undefined ? '' : await readFile(join(root, folder, file), 'utf8');
  // The first line is the caption.
  const caption = (text.replace(/^\uFEFF/, '').split(/\r?\n/)[0] ?? '').trim();
  if (caption !== '') return [caption];
  listed(missing, 'caption').push(entry.image);
  return [];
}

function listed(missing: Map<string, string[]>, style: string): string[] {
  const items = missing.get(style) ?? [];
  missing.set(style, items);
  return items;
}

async function makeMosaics(
  images: readonly ImageRecord[],
  dir: string,
  { onProgress }: ReadDsrOptions,
): Promise<QueryRecord[]> {
  const made: QueryRecord[] = [];
  for (const [i, image] of images.entries()) {
    const file = `mosaic/${image.file.slice('images/'.length).replace(/\.[^./]+$/, '')}.png`;
    const path = resolve(dir, file);
    if (!existsSync(path)) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await encodePng(mosaic(await readImage(image.path), MOSAIC_FACTOR)));
    }
    made.push({
      ...fileQuery(resolve(dir), 'lowres', file, { target: image.file, split: image.split }),
      path,
    });
    onProgress?.(i + 1, images.length);
  }
  return made;
}
