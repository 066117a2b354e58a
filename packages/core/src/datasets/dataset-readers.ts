import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasDomainFolders, hasSplitFolders, readClassTree } from './class-tree.js';
import type { Dataset } from './dataset.js';
import { DatasetError } from './dataset-error.js';
import { findDsrRoot, readDsr } from './dsr.js';
import { extensionOf, isImageName, listFiles } from './file-index.js';
import { looksLikeImageNetX, readImageNetX } from './imagenet-x.js';
import { readJson } from './json-array.js';
import { readPlainFolder } from './plain-folder.js';
import { MANIFEST_NAME, readDatasetFolder } from './read-dataset-folder.js';

export interface DatasetReaderOptions {
  readonly split?: string;
  /** Where a reader may write pictures that the dataset lacks; see `readDsr`. */
  readonly madeFilesDir?: string;
}

export interface DatasetReader {
  /** The layout in one line, for help texts. */
  readonly layout: string;
  /** Whether a folder with these files has this layout. @param files as `listFiles` gives them. */
  recognises(files: readonly string[], dir: string): boolean | Promise<boolean>;
  read(dir: string, options?: DatasetReaderOptions): Promise<Dataset>;
}

/** Every layout we read, by name, the most telling first: that is the order in which a folder is tried. */
export const datasetReaders: Readonly<Record<string, DatasetReader>> = {
  'dataset-folder': {
    layout: 'manifest.jsonl with one image or query a line',
    recognises: (files) => files.includes(MANIFEST_NAME),
    read: readDatasetFolder,
  },
  dsr: {
    layout: 'images/, sketch/, art/, mosaic/, text/ with train.json and test.json',
    recognises: (files) => findDsrRoot(files) !== undefined,
    read: readDsr,
  },
  'imagenet-x': {
    layout: 'JSON lists of {image_path, caption}, {image, classname} or {origin_image, art_image}',
    recognises: recognisesImageNetX,
    read: readImageNetX,
  },
  'class-tree': {
    layout: '<domain>/<class>/<picture>, <split>/<class>/<picture> or <class>/<picture>',
    recognises: (files) => hasDomainFolders(files) || hasSplitFolders(files),
    read: readClassTree,
  },
  'plain-folder': {
    layout: 'pictures in a folder, however deep',
    recognises: (files) => files.some(isImageName),
    read: (dir) => readPlainFolder(dir),
  },
};

/** Reads a dataset in the named layout, or in the first that fits.
 *  @throws {DatasetError} `UNKNOWN_FORMAT` for a name that is not there, `NO_IMAGES` where nothing fits. */
export async function readDataset(
  dir: string,
  options: DatasetReaderOptions & { readonly format?: string } = {},
): Promise<Dataset> {
  const name = options.format ?? (await recogniseDataset(dir));
  const reader = Object.hasOwn(datasetReaders, name) ? datasetReaders[name] : undefined;
  if (reader === undefined) {
    const names = Object.keys(datasetReaders).join(', ');
    throw new DatasetError('UNKNOWN_FORMAT', `no dataset layout "${name}"; there are: ${names}`, { name });
  }
  return reader.read(dir, options);
}

/** The name of the first layout that fits a folder. @throws {DatasetError} */
export async function recogniseDataset(dir: string): Promise<string> {
  const root = resolve(dir);
  const folder = await stat(root).catch(() => undefined);
  if (folder === undefined || !folder.isDirectory()) {
    throw new DatasetError(
      'DATASET_NOT_FOUND',
      `${root}: expected a folder of pictures, there is no such folder`,
    );
  }
  const { files } = await listFiles(root);
  for (const [name, reader] of Object.entries(datasetReaders)) {
    if (await reader.recognises(files, root)) return name;
  }
  throw new DatasetError('NO_IMAGES', `${root}: no manifest and no picture was found there`);
}

async function recognisesImageNetX(files: readonly string[], dir: string): Promise<boolean> {
  for (const file of files.filter((f) => extensionOf(f) === 'json' && f.split('/').length <= 2)) {
    const value = await readJson(join(dir, file)).catch(() => undefined);
    if (looksLikeImageNetX(value)) return true;
  }
  return false;
}
