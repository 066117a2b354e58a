import { copyFile, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatasetError } from './dataset-error.js';
import { parseManifestLine } from './manifest-record.js';
import { MANIFEST_NAME } from './read-dataset-folder.js';

/** The picture behind a record: its bytes, or a file to copy. Left out where the file is already in place. */
export interface PictureSource {
  readonly bytes?: Uint8Array;
  readonly copyFrom?: string;
}

export interface ImageToWrite extends PictureSource {
  readonly file: string;
  readonly captions?: readonly string[];
  readonly class?: string;
  readonly split?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface QueryToWrite extends PictureSource {
  readonly style: string;
  readonly file?: string;
  readonly text?: string;
  readonly target?: string;
  readonly class?: string;
  readonly split?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface DatasetWriter {
  addImage(image: ImageToWrite): Promise<void>;
  addQuery(query: QueryToWrite): Promise<void>;
  /** Ends the manifest and puts it in place. Until then the folder holds none, so a broken run is never read. */
  close(): Promise<void>;
  /** Gives up: the manifest is left unfinished under its temporary name. */
  abort(): Promise<void>;
}

/** Opens a dataset folder for writing, record by record, of any size; the folder is made where it is missing.
 *  Each record is checked as a reader would. @throws {DatasetError} for a record no reader would take. */
export async function openDatasetWriter(dir: string): Promise<DatasetWriter> {
  const root = resolve(dir);
  await mkdir(root, { recursive: true });
  const manifest = join(root, MANIFEST_NAME);
  const unfinished = `${manifest}.part`;
  const out = await open(unfinished, 'w');
  let line = 0;
  const add = async (record: Record<string, unknown>, source: PictureSource): Promise<void> => {
    line += 1;
    const text = JSON.stringify(record);
    const parsed = parseManifestLine(text, root, { manifest, line });
    if ('path' in parsed) await putPicture(parsed.path, source);
    await out.write(`${text}\n`);
  };
  return {
    addImage: ({ file, captions, class: label, split, attributes, ...source }) =>
      add({ kind: 'image', file, captions, class: label, split, ...reserved(attributes) }, source),
    addQuery: ({ style, file, text, target, class: label, split, attributes, ...source }) =>
      add({ kind: 'query', style, file, text, target, class: label, split, ...reserved(attributes) }, source),
    close: async () => {
      await out.sync();
      await out.close();
      await rename(unfinished, manifest);
    },
    abort: () => out.close(),
  };
}

async function putPicture(path: string, { bytes, copyFrom }: PictureSource): Promise<void> {
  if (bytes === undefined && copyFrom === undefined) return;
  await mkdir(dirname(path), { recursive: true });
  if (copyFrom !== undefined) return copyFile(copyFrom, path);
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes ?? new Uint8Array());
  } finally {
    await file.close();
  }
}

const RESERVED = ['kind', 'file', 'captions', 'class', 'split', 'style', 'text', 'target'];

// An attribute may not stand in for a field of the format.
function reserved(attributes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const clash = RESERVED.find((key) => Object.hasOwn(attributes, key));
  if (clash === undefined) return attributes;
  throw new DatasetError('BAD_RECORD', `attribute "${clash}": the format gives that name another meaning`);
}
