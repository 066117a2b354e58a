import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { DatasetError } from './dataset-error.js';
import { hashDataset } from './dataset-hash.js';
import { readDatasetFolder } from './read-dataset-folder.js';

/** File of a dataset folder that says of which version it is the export. */
export const VERSION_NAME = 'version.json';

export const versionRecordSchema = z.object({
  format: z.literal('freestyle-dataset-version'),
  /** What the dataset is called where the version was made. */
  dataset: z.string(),
  /** 1, 2, 3 … within that dataset. */
  number: z.number().int().positive(),
  /** What people call the version. */
  name: z.string().nullable(),
  contentHash: z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in lower-case hex'),
  createdAt: z.iso.datetime(),
});

/** Contents of `version.json`. */
export type VersionRecord = z.infer<typeof versionRecordSchema>;

/** Which data a training or an evaluation used. */
export interface DatasetVersion {
  /** The folder's name. */
  readonly name: string;
  /** Content hash of the whole folder, whatever its split; null where a picture of it is missing. */
  readonly hash: string | null;
  /** The version that the folder says it is an export of; null where it says nothing. */
  readonly recorded: Pick<VersionRecord, 'dataset' | 'number' | 'contentHash'> | null;
}

/** Computes which version of a dataset lies in a folder.
 *  @throws {DatasetError} for a manifest that cannot be read, or a `version.json` that is none. */
export async function datasetVersion(folder: string): Promise<DatasetVersion> {
  const dataset = await readDatasetFolder(folder, { checkFiles: false });
  const record = await readVersionRecord(folder);
  const hash = await hashDataset(dataset).catch((error: unknown) => {
    // Whoever evaluates one split need not have the pictures of the others.
    if (error instanceof DatasetError && error.code === 'FILE_MISSING') return null;
    throw error;
  });
  const recorded = record && {
    dataset: record.dataset,
    number: record.number,
    contentHash: record.contentHash,
  };
  return { name: basename(resolve(folder)), hash, recorded };
}

/** What a person must know about the version of their data before they trust figures made of it; null where nothing
 *  is amiss. */
export function versionProblem({ name, hash, recorded }: DatasetVersion): string | null {
  if (hash === null)
    return `${name}: pictures that its manifest lists are missing, so its version cannot be named.`;
  if (recorded === null || recorded.contentHash === hash) return null;
  return (
    `${name}: this is no longer version ${recorded.number} of "${recorded.dataset}", which ${VERSION_NAME} says it is: ` +
    `its content is ${hash.slice(0, 12)}, that of the version ${recorded.contentHash.slice(0, 12)}. ` +
    'It was changed after the export; export the version again, or import the folder and make a version of it.'
  );
}

/** The data by name and content hash, for metrics and manifests; nothing where the versions are not known. */
export const namedVersions = (
  versions: readonly DatasetVersion[] | undefined,
): Record<string, { name: string; hash: string | null }[]> =>
  versions === undefined ? {} : { datasets: versions.map(({ name, hash }) => ({ name, hash })) };

async function readVersionRecord(folder: string): Promise<VersionRecord | null> {
  const path = join(folder, VERSION_NAME);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DatasetError('BAD_JSON', `${path}: expected JSON as an export writes it`, { path }, cause);
  }
  const parsed = versionRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DatasetError('BAD_RECORD', `${path}: ${z.prettifyError(parsed.error)}`, { path });
}
