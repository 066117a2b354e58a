import { TEXT_ENCODINGS } from '@freestyle/core';
import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';

/** What an import may be read as; `AUTO` is told from the files. */
export const IMPORT_FORMATS = [
  'AUTO',
  'DATASET_FOLDER',
  'JSONL',
  'JSON',
  'CSV',
  'COCO_CAPTIONS',
  'CAPTION_FILE',
  'CLASS_TREE',
  'STYLE_CLASS_TREE',
  'DSR',
  'IMAGENET_X',
  'PLAIN',
] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** Where pictures come from. */
const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), path: z.string() }),
  z.object({ kind: z.literal('archive'), path: z.string() }),
  z.object({ kind: z.literal('upload'), sessionId: z.uuid() }),
  z.object({ kind: z.literal('urls'), urls: z.array(z.string()) }),
]);
export type ImportSource = z.infer<typeof source>;

const columnName = z.string().min(1).optional();
const columns = z.object({
  file: columnName,
  url: columnName,
  caption: columnName,
  class: columnName,
  split: columnName,
  tags: columnName,
  style: columnName,
  target: columnName,
});
/** Which column of a CSV file holds what. */
export type ColumnMapping = z.infer<typeof columns>;

const importOptions = z.object({
  source,
  format: z.enum(IMPORT_FORMATS).default('AUTO'),
  columns: columns.optional(),
  /** How lists are encoded; found out where absent. */
  encoding: z.enum(TEXT_ENCODINGS).optional(),
  /** Whether pictures that no list names are taken as well. */
  takeUnlisted: z.boolean().optional(),
});
/** What an import job was asked for, as its row keeps it. */
export type ImportOptions = z.infer<typeof importOptions>;

/** As jobs keep it. Those of the first releases lack the source: they meant the dataset's own folder. */
export const importPayload = importOptions.partial({ source: true });
export type ImportPayload = z.infer<typeof importPayload>;

/** @param folder the dataset's folder. @throws {JobFailure} if the job does not say what to import. */
export function withSource({ source, ...rest }: ImportPayload, folder: string | null): ImportOptions {
  if (source !== undefined) return { ...rest, source };
  if (folder === null) throw new JobFailure('The job does not say what to import.');
  return { ...rest, source: { kind: 'folder', path: folder } };
}
