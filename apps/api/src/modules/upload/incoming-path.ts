import { checkStorable } from '../../platform/database/text.js';
import { ValidationError } from '../../platform/errors.js';

// What common file systems hold: 255 bytes a name; the whole path leaves room for the data folder's own.
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 2048;
const MAX_DEPTH = 40;

/** Checks the path under which a browser sends a file: relative, with `/`, in any script, never leading out.
 *  @throws {ValidationError} */
export function checkIncomingPath(path: string | null | undefined): string {
  if (path === null || path === undefined || path === '') throw refusal('expected the path of the file');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw refusal(`expected at most ${MAX_PATH_BYTES} bytes`);
  checkStorable(path, ['path']);
  if (path.startsWith('/')) throw refusal(`expected a relative path, got "${path}"`);
  const names = path.split('/');
  if (names.length > MAX_DEPTH) throw refusal(`expected at most ${MAX_DEPTH} folders in each other`);
  for (const name of names) {
    if (name === '' || name === '.' || name === '..')
      throw refusal(`"${path}" has an empty name, "." or ".."`);
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw refusal(`expected names of at most ${MAX_NAME_BYTES} bytes, got ${Buffer.byteLength(name)}`);
    }
    // On Windows these would mean other folders, or another drive.
    if (process.platform === 'win32' && /[\\:*?"<>|]/.test(name)) {
      throw refusal(`"${name}" is no name for a file on this server`);
    }
  }
  return path;
}

const refusal = (message: string) => ValidationError.at(['path'], message);
