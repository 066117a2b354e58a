import { z } from 'zod';
import { JobFailure } from '../../jobs/job-run.js';

/** What an import may be read as; `AUTO` is told from the files. */
export const IMPORT_FORMATS = [
  'AUTO',
  'DATASET_FOLDER',
  'JSONL',
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
});
/** What an import job was asked for, as its row keeps it. */
export type ImportOptions = z.infer<typeof importOptions>;

/** The upload whose files a job's options name, or null. */
export function uploadSessionOf(options: unknown): string | null {
  const parsed = importOptions.safeParse(options);
  return parsed.success && parsed.data.source.kind === 'upload' ? parsed.data.source.sessionId : null;
}

/** Reads a job's options back. @param folder the dataset's folder, which jobs of earlier releases mean.
 *  @throws {JobFailure} */
export function parseImportOptions(options: unknown, folder: string | null): ImportOptions {
  const parsed = importOptions.safeParse(options);
  if (parsed.success) return parsed.data;
  const empty = typeof options === 'object' && options !== null && !('source' in options);
  if (empty && folder !== null) return { source: { kind: 'folder', path: folder }, format: 'AUTO' };
  throw new JobFailure(`The job does not say what to import: ${parsed.error.issues[0]?.message}`);
}
