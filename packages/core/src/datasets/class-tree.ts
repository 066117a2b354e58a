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
  for (const file of files.filter(isImageName)) {
    const { style, label, split } = treeLabels(file);
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
  const styles = new Set(files.filter(isImageName).map((file) => treeLabels(file).namedStyle));
  return styles.has('photo') && styles.size > 1;
}

/** Whether the folders' names say that this is a tree of splits and classes. A tree of other folders may as well be
 *  somebody's albums, so it is not taken for classes unless the reader is asked for by name. */
export function hasSplitFolders(files: readonly string[]): boolean {
  const labels = files.filter(isImageName).map((file) => treeLabels(file));
  return labels.length > 0 && labels.every(({ split, label }) => split !== undefined && label !== undefined);
}

/** What the folders of a file say. */
export interface TreeLabels {
  /** `photo` unless a folder names another. */
  readonly style: string;
  readonly namedStyle?: string;
  readonly label?: string;
  readonly split?: string;
}

/** Reads a file's folders as labels.
 *  @param styles which folders above a class stand for styles: those with a known name, any, or none. */
export function treeLabels(file: string, styles: 'known' | 'any' | 'none' = 'known'): TreeLabels {
  const folders = file.split('/').slice(0, -1);
  const first = (folders[0] ?? '').toLowerCase();
  const split = Object.hasOwn(SPLITS, first) ? SPLITS[first] : undefined;
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
