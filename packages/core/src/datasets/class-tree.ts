import type { Dataset, ImageRecord, QueryRecord } from './dataset.js';
import { buildDataset, fileQuery, imageRecord, noteAbout } from './dataset-builder.js';
import { DatasetError } from './dataset-error.js';
import { isImageName, listFiles } from './file-index.js';

/** Folder names that stand for a style rather than a class; `photo` is the gallery. */
const DOMAIN_STYLES: Readonly<Record<string, string>> = {
  photo: 'photo',
  photos: 'photo',
  real: 'photo',
  real_world: 'photo',
  art: 'art',
  art_painting: 'art',
  painting: 'art',
  cartoon: 'cartoon',
  clipart: 'cartoon',
  sketch: 'sketch',
  sketches: 'sketch',
  quickdraw: 'sketch',
  lowres: 'lowres',
  mosaic: 'lowres',
};
const SPLITS: Readonly<Record<string, string>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
};

/** Reads a tree whose folders are labels, as PACS and many classification sets are laid out: any of
 *  `<domain>/<class>/…`, `<split>/<class>/…`, `<split>/<domain>/<class>/…`, `<class>/…`. The domain `photo` is the
 *  gallery, the others are query styles; queries mean every photo of their class.
 *  @throws {DatasetError} `BAD_LAYOUT` when no folder names a class. */
export async function readClassTree(dir: string, options: { split?: string } = {}): Promise<Dataset> {
  const { files, strayLinks } = await listFiles(dir);
  const images: ImageRecord[] = [];
  const queries: QueryRecord[] = [];
  const loose: string[] = [];
  const labelsOf = treeReader(files);
  for (const file of files.filter(isImageName)) {
    const { style, label, split } = labelsOf(file);
    if (label === undefined) loose.push(file);
    else if (style === 'photo') images.push(imageRecord(dir, file, { class: label, split }));
    else queries.push(fileQuery(dir, style, file, { class: label, split }));
  }
  if (images.length === 0 && loose.length > 0) {
    throw new DatasetError(
      'BAD_LAYOUT',
      `${dir}: expected <class>/<picture> or <domain>/<class>/<picture>; "${loose[0]}" has no class folder`,
    );
  }
  const notes = [
    ...noteAbout('pictures outside any class folder were left out', loose),
    ...noteAbout('links that lead out of the folder were left out', strayLinks),
  ];
  return buildDataset(dir, images, queries, notes, options.split);
}

/** Whether the folders' names say that this is a tree of style domains. */
export function hasDomainFolders(files: readonly string[]): boolean {
  const labelsOf = treeReader(files);
  const styles = new Set(files.filter(isImageName).map((file) => labelsOf(file).namedStyle));
  return styles.has('photo') && styles.size > 1;
}

/** Whether the folders' names say that this is a tree of splits and classes. */
export function hasSplitFolders(files: readonly string[]): boolean {
  const labelsOf = treeReader(files);
  const labels = files.filter(isImageName).map((file) => labelsOf(file));
  return labels.length > 0 && labels.every(({ split, label }) => split !== undefined && label !== undefined);
}

/** `airplane`, `bus_stop`: one or two words in lower case. People name albums otherwise: `Italy 2019`, `Wedding`. */
const CLASS_NAME = /^\p{Ll}{2,}(?:[_-]\p{Ll}+){0,2}$/u;

/** Whether a tree of folders looks like classes and nothing else: two or more folders at the top that are called as
 *  classes are, with every picture right inside one of them. Other folders may as well be somebody's albums, so they
 *  are not taken for classes unless the reader is asked for by name. */
export function hasClassFolders(files: readonly string[]): boolean {
  const paths = files.filter(isImageName).map((file) => file.split('/'));
  const folders = new Set(paths.map(([folder = '']) => folder));
  return (
    folders.size > 1 &&
    paths.every(({ length }) => length === 2) &&
    [...folders].every((name) => CLASS_NAME.test(name))
  );
}

/** What the folders of a file say. */
export interface TreeLabels {
  /** `photo` unless a folder names another. */
  readonly style: string;
  readonly namedStyle?: string;
  readonly label?: string;
  readonly split?: string;
}

/** Which folders above a class stand for styles: those with a known name, any, or none. */
type StyleFolders = 'known' | 'any' | 'none';

/** Reads the folders of a tree's files as labels. Folders at the top are splits if each of them is called so and has
 *  folders of its own for its pictures; else a folder called `train` is a class like any other.
 *  @param files every file of the tree. */
export function treeReader(
  files: readonly string[],
  styles: StyleFolders = 'known',
): (file: string) => TreeLabels {
  const paths = files.filter(isImageName).map((file) => file.split('/'));
  const inFolders = paths.filter(({ length }) => length > 1);
  const hasSplits = inFolders.every(([top = '', ...rest]) => splitOf(top) !== undefined && rest.length > 1);
  return (file) => treeLabels(file, styles, hasSplits);
}

const splitOf = (folder: string): string | undefined => {
  const name = folder.toLowerCase();
  return Object.hasOwn(SPLITS, name) ? SPLITS[name] : undefined;
};

function treeLabels(file: string, styles: StyleFolders, hasSplits: boolean): TreeLabels {
  const folders = file.split('/').slice(0, -1);
  const split = hasSplits ? splitOf(folders[0] ?? '') : undefined;
  if (split !== undefined) folders.shift();
  const folder = (folders[0] ?? '').toLowerCase();
  const known = Object.hasOwn(DOMAIN_STYLES, folder) ? DOMAIN_STYLES[folder] : undefined;
  const domain = styles === 'none' ? undefined : (known ?? (styles === 'any' ? folders[0] : undefined));
  // `sketch/a.png` alone: `sketch` is a class like any other unless a class folder follows it.
  const namedStyle = domain !== undefined && folders.length > 1 ? domain : undefined;
  if (namedStyle !== undefined) folders.shift();
  const label = folders[0];
  return {
    style: namedStyle ?? 'photo',
    ...(namedStyle === undefined ? {} : { namedStyle }),
    ...(label === undefined ? {} : { label }),
    ...(split === undefined ? {} : { split }),
  };
}
