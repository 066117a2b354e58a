import { join, posix, resolve } from 'node:path';
import type { Dataset, ImageRecord, QueryRecord } from './dataset.js';
import { buildDataset, fileQuery, imageRecord } from './dataset-builder.js';
import { DatasetError } from './dataset-error.js';
import { extensionOf, type FileFinder, fileFinder, listFiles } from './file-index.js';
import { isRowArray, type JsonRow, readJson, rowText } from './json-array.js';
import { splitOfName } from './listing/list-fields.js';

/** Style words in a list's or a key's name; the first that fits wins. */
const STYLE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/sketch/i, 'sketch'],
  [/mosaic|low[-_ ]?res/i, 'lowres'],
  [/cartoon/i, 'cartoon'],
  [/art|paint/i, 'art'],
];

export interface ReadImageNetXOptions {
  readonly split?: string;
  /** Is told of rows whose pictures are not there, which are then left out; without it they are an error. */
  readonly onProblem?: (error: DatasetError) => void;
}

/** Reads ImageNet-X in the shapes that circulate: `[{image_path, caption}]` with the caption inline; two lists of
 *  `[{image, classname}]`, photos and one style, paired by position (two files, or one file of two lists); and
 *  `[{classname, origin_image, <style>_image}]`. A list's style is read from its file name, its split likewise.
 *  Paths written on another machine are found by their ending.
 *  @throws {DatasetError} for lists of unequal length, rows of another shape, pictures that are not there. */
export async function readImageNetX(dir: string, options: ReadImageNetXOptions = {}): Promise<Dataset> {
  const root = resolve(dir);
  const { files } = await listFiles(root);
  const gathering: Gathering = {
    root,
    finder: fileFinder(files),
    images: new Map(),
    queries: [],
    notes: [],
    onProblem: options.onProblem,
  };
  const pairable: List[] = [];
  for (const list of await readLists(root, files)) {
    const shape = shapeOf(list.rows);
    if (shape === 'captions') addCaptions(gathering, list);
    else if (shape === 'origin') addOriginPairs(gathering, list);
    else if (shape === 'classes') pairable.push(list);
    else {
      throw new DatasetError(
        'BAD_RECORD',
        `${list.path}: expected rows of {image_path, caption}, {image, classname} or {classname, origin_image, art_image}, got {${Object.keys(list.rows[0] ?? {}).join(', ')}}`,
      );
    }
  }
  addPairedLists(gathering, pairable);
  return buildDataset(
    root,
    [...gathering.images.values()],
    gathering.queries,
    gathering.notes,
    options.split,
  );
}

/** Whether a JSON value looks like one of ImageNet-X's lists. */
export const looksLikeImageNetX = (value: unknown): boolean =>
  rowLists(value).some((rows) => rows.length > 0 && shapeOf(rows) !== undefined);

interface List {
  readonly path: string;
  /** Position within the file, for files that hold two lists. */
  readonly index: number;
  readonly rows: readonly JsonRow[];
  readonly style: string | undefined;
  readonly split: string | undefined;
}

interface Gathering {
  readonly root: string;
  readonly finder: FileFinder;
  readonly images: Map<string, ImageRecord>;
  readonly queries: QueryRecord[];
  readonly notes: string[];
  readonly onProblem: ReadImageNetXOptions['onProblem'];
}

async function readLists(root: string, files: readonly string[]): Promise<List[]> {
  const lists: List[] = [];
  for (const file of files.filter((f) => extensionOf(f) === 'json')) {
    const path = join(root, file);
    const found = rowLists(await readJson(path));
    if (found.length === 0) {
      throw new DatasetError('BAD_RECORD', `${path}: expected a list of objects, or two lists of them`, {
        path,
      });
    }
    const name = posix.parse(file).name;
    const style = STYLE_WORDS.find(([word]) => word.test(name))?.[1];
    found.forEach((rows, index) => {
      // In a file of two lists the first holds the photos.
      const own = found.length === 2 && index === 0 ? undefined : style;
      lists.push({ path, index, rows, style: own, split: splitOfName(name) });
    });
  }
  return lists;
}

function rowLists(value: unknown): JsonRow[][] {
  if (isRowArray(value)) return [value];
  const inner = Array.isArray(value) ? value : [];
  return inner.length === 2 && inner.every(isRowArray) ? inner : [];
}

function shapeOf(rows: readonly JsonRow[]): 'captions' | 'origin' | 'classes' | undefined {
  const first = rows[0] ?? {};
  if ('image_path' in first && 'caption' in first) return 'captions';
  if ('origin_image' in first) return 'origin';
  return 'image' in first && 'classname' in first ? 'classes' : undefined;
}

function addCaptions(to: Gathering, list: List): void {
  list.rows.forEach((row, i) => {
    const caption = rowText(list.path, row, i, 'caption').trim();
    addPhoto(to, list, i, 'image_path', undefined, caption);
  });
}

function addOriginPairs(to: Gathering, list: List): void {
  list.rows.forEach((row, i) => {
    const label = row.classname === undefined ? undefined : rowText(list.path, row, i, 'classname');
    const photo = addPhoto(to, list, i, 'origin_image', label);
    for (const key of Object.keys(row).filter((k) => k.endsWith('_image') && k !== 'origin_image')) {
      const style = STYLE_WORDS.find(([word]) => word.test(key))?.[1] ?? key.slice(0, -'_image'.length);
      const file = locate(to, list, i, key);
      if (file === undefined || photo === undefined) continue;
      to.queries.push(fileQuery(to.root, style, file, { target: photo, class: label, split: list.split }));
    }
  });
}

// Photos and styles stand in lists of their own; row n of one belongs to row n of the other.
function addPairedLists(to: Gathering, lists: readonly List[]): void {
  const photos = lists.filter((list) => list.style === undefined);
  const styled = lists.filter((list) => list.style !== undefined);
  for (const photoList of photos) {
    const photoFiles = photoList.rows.map((row, i) =>
      addPhoto(to, photoList, i, 'image', rowText(photoList.path, row, i, 'classname')),
    );
    for (const list of styled.filter((other) => goesWith(other, photoList, photos))) {
      requireSameLength(photoList, list);
      for (const [i, row] of list.rows.entries()) addPairedQuery(to, photoList, list, row, i, photoFiles[i]);
    }
  }
  const alone = styled.filter((list) => !photos.some((photoList) => goesWith(list, photoList, photos)));
  if (alone[0] !== undefined) {
    throw new DatasetError(
      'BAD_LAYOUT',
      `${alone[0].path}: a list of ${alone[0].style} pictures without the list of photos that it is paired with`,
    );
  }
}

// Lists of one file belong together; otherwise those of the same split, or whatever there is when there is one.
const goesWith = (styled: List, list: List, photos: readonly List[]): boolean =>
  styled.path === list.path ||
  (styled.index === 0 && list.index === 0 && (styled.split === list.split || photos.length === 1));

function requireSameLength(photos: List, styled: List): void {
  if (photos.rows.length === styled.rows.length) return;
  throw new DatasetError(
    'BAD_LAYOUT',
    `${styled.path}: paired by position with ${photos.path}, but has ${styled.rows.length} rows and that one ${photos.rows.length}`,
  );
}

function addPairedQuery(
  to: Gathering,
  photos: List,
  list: List,
  row: JsonRow,
  i: number,
  target: string | undefined,
): void {
  const label = rowText(list.path, row, i, 'classname');
  const expected = rowText(photos.path, photos.rows[i] ?? {}, i, 'classname');
  if (label !== expected) {
    throw new DatasetError(
      'BAD_RECORD',
      `${list.path}[${i}]: class "${label}" is paired with "${expected}" in ${photos.path}[${i}]; the lists are out of step`,
    );
  }
  const file = locate(to, list, i, 'image');
  if (file === undefined || target === undefined) return;
  to.queries.push(fileQuery(to.root, list.style ?? 'art', file, { target, class: label, split: list.split }));
}

function addPhoto(
  to: Gathering,
  list: List,
  index: number,
  key: string,
  label: string | undefined,
  caption?: string,
): string | undefined {
  const file = locate(to, list, index, key);
  if (file === undefined) return undefined;
  const known = to.images.get(file);
  const captions = [...(known?.captions ?? []), ...(caption === undefined ? [] : [caption])];
  const labels = { class: label ?? known?.class, split: known?.split ?? list.split };
  to.images.set(file, imageRecord(to.root, file, labels, [...new Set(captions)]));
  return file;
}

function locate(to: Gathering, list: List, index: number, key: string): string | undefined {
  const written = rowText(list.path, list.rows[index] ?? {}, index, key);
  const found = to.finder.find(written);
  if (found !== undefined) return found;
  const error = new DatasetError(
    'FILE_MISSING',
    `${list.path}[${index}]: "${key}": no picture below ${to.root} ends in "${written}"`,
    { path: list.path, index, place: `${list.path}[${index}]` },
  );
  if (to.onProblem === undefined) throw error;
  to.onProblem(error);
  return undefined;
}
