import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { JobFailure } from '../../jobs/job-run.js';
import type { ImportSource } from './import-options.js';

export interface OpenSource {
  /** Real path of the folder that holds the files. */
  readonly root: string;
}

/** Where the files of an upload lie until their import has taken them. */
export const uploadFolder = (dataDir: string, sessionId: string): string =>
  join(dataDir, 'incoming', sessionId, 'files');

/** Makes a source ready to be listed. @throws {JobFailure} */
export async function openSource(source: ImportSource, dataDir: string): Promise<OpenSource> {
  switch (source.kind) {
    case 'folder':
      return { root: await realFolder(source.path) };
    case 'upload':
      return { root: await realFolder(uploadFolder(dataDir, source.sessionId)) };
    default:
      throw new JobFailure('Archives and addresses are not opened yet.');
  }
}

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw new JobFailure(`The folder ${path} cannot be opened any more.`, error);
  }
}
