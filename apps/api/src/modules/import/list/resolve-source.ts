import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { isUuid } from '../../../platform/database/uuid.js';
import { NotFoundError, systemErrorCode, ValidationError } from '../../../platform/errors.js';
import type { ImportSource } from '../import-options.js';

/** Where pictures are, as a caller says it: exactly one of the three. */
export interface WantedSource {
  /** Absolute path on the server, of a folder or an archive. */
  readonly path?: string | null | undefined;
  readonly uploadSessionId?: string | null | undefined;
  readonly urls?: readonly string[] | null | undefined;
}

// A list in the input is kept with the job; longer ones belong into a file.
const MAX_URLS = 5000;
const MAX_URL_LENGTH = 4096;
const ARCHIVE_NAME = /\.(zip|tar|tar\.gz|tgz)$/i;

/** Whether a file's name says that it is an archive which can be opened. */
export const isArchiveName = (name: string): boolean => ARCHIVE_NAME.test(name);

/** A file's name without what says that it is an archive. */
export const withoutArchiveEnding = (name: string): string => name.replace(ARCHIVE_NAME, '');

/** Checks what a caller wants to import, as far as that can be told without looking into it.
 *  @throws {ValidationError} @throws {NotFoundError} */
export async function resolveSource(wanted: WantedSource, at: readonly string[]): Promise<ImportSource> {
  const { path, uploadSessionId, urls } = wanted;
  const given = [path, uploadSessionId, urls].filter((one) => one !== null && one !== undefined);
  if (given.length !== 1) {
    throw ValidationError.at(
      at,
      `expected exactly one of path, uploadSessionId and urls, got ${given.length}`,
    );
  }
  if (typeof path === 'string') return resolvePath(path, [...at, 'path']);
  if (typeof uploadSessionId === 'string') {
    if (!isUuid(uploadSessionId)) throw new NotFoundError('There is no such upload.');
    return { kind: 'upload', sessionId: uploadSessionId };
  }
  return { kind: 'urls', urls: checkedUrls(urls ?? [], [...at, 'urls']) };
}

async function resolvePath(path: string, at: readonly string[]): Promise<ImportSource> {
  if (path.includes('\0')) throw ValidationError.at(at, 'a path cannot hold a zero character');
  if (!isAbsolute(path)) throw ValidationError.at(at, `expected an absolute path, got "${path}"`);
  try {
    const real = await realpath(path);
    const info = await stat(real);
    if (info.isDirectory()) {
      await access(real, constants.R_OK | constants.X_OK);
      return { kind: 'folder', path: real };
    }
    if (!info.isFile() || !isArchiveName(basename(real))) {
      throw ValidationError.at(at, `${path} is not a folder, nor a .zip, .tar, .tar.gz or .tgz file`);
    }
    await access(real, constants.R_OK);
    return { kind: 'archive', path: real };
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new NotFoundError(`There is no folder ${path}.`);
    throw ValidationError.at(at, `the folder ${path} cannot be read (${code ?? 'unknown error'})`, error);
  }
}

function checkedUrls(urls: readonly string[], at: readonly string[]): string[] {
  const given = urls.map((url) => url.replaceAll('\0', '').trim()).filter((url) => url !== '');
  if (given.length === 0) throw ValidationError.at(at, 'expected at least one address');
  if (given.length > MAX_URLS) {
    throw ValidationError.at(
      at,
      `expected at most ${MAX_URLS} addresses, got ${given.length}; upload longer lists as a CSV file with a column "url"`,
    );
  }
  const long = given.findIndex((url) => url.length > MAX_URL_LENGTH);
  if (long >= 0) {
    throw ValidationError.at([...at, String(long)], `expected at most ${MAX_URL_LENGTH} characters`);
  }
  return given;
}
