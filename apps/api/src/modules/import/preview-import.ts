import type { ImportOptions } from './import-options.js';
import { listItems } from './list-items.js';
import { openSource } from './open-source.js';
import { createImportTally, type ImportPreview } from './preview.js';

/** Looks through a source as an import would, and stores nothing. */
export async function previewImport(options: ImportOptions, dataDir: string): Promise<ImportPreview> {
  const { root } = await openSource(options.source, dataDir);
  const tally = createImportTally();
  for await (const item of listItems(root, dataDir)) tally.add(item);
  return {
    ...tally.result(),
    format: 'PLAIN',
    formats: ['PLAIN'],
    checkedCount: 0,
    columns: [],
    rows: [],
  };
}
