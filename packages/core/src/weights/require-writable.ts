import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CoreError } from '../errors.js';

/** A result could not be written where it should go. */
export class OutputError extends CoreError {
  constructor(path: string, problem: string, cause?: unknown) {
    super(
      'OUTPUT_NOT_WRITABLE',
      `output ${path}: ${problem}; name a folder that can be written`,
      { path },
      cause,
    );
  }
}

/** Makes sure that a folder can be written, or made, by writing a file and removing it: asked before long work, so that
 *  its result is not lost at the end. Nothing is left behind.
 *  @throws {OutputError} */
export async function requireWritable(folder: string): Promise<void> {
  const place = await nearestFolder(resolve(folder), folder);
  const probe = join(place, `.writable-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw new OutputError(
      folder,
      `cannot be written (${cause instanceof Error ? cause.message : cause})`,
      cause,
    );
  }
}

/** The folder itself, or the nearest one above it that is there. */
async function nearestFolder(path: string, asked: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return path;
  if (found) throw new OutputError(asked, `${path} is a file, expected a folder`);
  return nearestFolder(dirname(path), asked);
}
