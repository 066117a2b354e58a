import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { NotFoundError, systemErrorCode, ValidationError } from '../../errors.js';
import type { Dataset } from '../dataset/repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { Job } from '../job/repository.js';
import type { JobService } from '../job/service.js';

export interface FolderImport {
  /** Absolute path on the server. */
  readonly path: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
}

export interface ImportService {
  /** Begins the import of a server folder, or finds the one that is still at it.
   *  @throws {ValidationError} @throws {NotFoundError} @throws {ConflictError} */
  importFolder(wanted: FolderImport): Promise<{ job: Job; dataset: Dataset }>;
}

const NAME_LENGTH = 200;

export const createImportService = (datasets: DatasetService, jobs: JobService): ImportService => ({
  async importFolder({ path, name, description }) {
    const sourcePath = await readableFolder(path);
    const dataset = await datasets.forFolder({
      sourcePath,
      name: checkedName(name),
      fallbackName: basename(sourcePath).slice(0, NAME_LENGTH) || 'Photos',
      description: description?.trim() || null,
    });
    return { dataset, job: await jobs.enqueue('IMPORT', dataset.id) };
  },
});

async function readableFolder(path: string): Promise<string> {
  if (path.includes('\0')) throw ValidationError.at(['path'], 'a path cannot hold a zero character');
  if (!isAbsolute(path)) throw ValidationError.at(['path'], `expected an absolute path, got "${path}"`);
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isDirectory()) throw ValidationError.at(['path'], `${path} is not a folder`);
    await access(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new NotFoundError(`There is no folder ${path}.`);
    throw ValidationError.at(
      ['path'],
      `the folder ${path} cannot be read (${code ?? 'unknown error'})`,
      error,
    );
  }
}

function checkedName(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  const text = name.trim();
  if (text === '') throw ValidationError.at(['name'], 'expected a name that is not empty');
  if (text.length > NAME_LENGTH)
    throw ValidationError.at(['name'], `expected at most ${NAME_LENGTH} characters`);
  if (text.includes('\0')) throw ValidationError.at(['name'], 'a name cannot hold a zero character');
  return text;
}
