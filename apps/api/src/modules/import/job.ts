import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { type ImportPayload, importPayload } from './import-options.js';
import { type ImportParts, runImport } from './run-import.js';

export interface ImportJobParts extends ImportParts {
  /** Makes or updates the index over the vectors, after the bulk load: faster, and a better index. */
  ensureIndex(): Promise<void>;
  refreshStatistics(): Promise<void>;
  /** Is told that an import has taken an upload's files. */
  uploadImported(sessionId: string, jobId: string): Promise<void>;
}

/** Brings pictures, their captions and their queries into a dataset. */
export const importJob = defineJobKind({
  name: 'IMPORT',
  summary: 'Brings the pictures of a folder into a dataset.',
  lane: 'io',
  payload: importPayload,
  describe: ({ source }) =>
    source === undefined ? 'Import the folder again' : `Import ${describeSource(source)}`,
  unit: 'photos',
  resume: 'Goes on with the files that the ledger still has waiting.',
  async run(run, parts: ImportJobParts) {
    const message = await runImport(parts, run);
    await parts.ensureIndex();
    await parts.refreshStatistics();
    return { message };
  },
  async onSucceeded({ id, payload: { source } }, { uploadImported }) {
    if (source?.kind === 'upload') await uploadImported(source.sessionId, id);
  },
});

function describeSource(source: NonNullable<ImportPayload['source']>): string {
  if (source.kind === 'urls') return `${source.urls.length} addresses`;
  return source.kind === 'upload' ? 'uploaded files' : source.path;
}
