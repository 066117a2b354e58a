import { open, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { DEFAULT_DECODE_LIMITS } from '@freestyle/core';
import { systemErrorCode } from '../../../platform/errors.js';
import { placeOnDisk } from './file-name.js';

/** An item that is not taken. `FAILED` means that trying again may help. */
export class ItemRefusal extends Error {
  readonly state: 'REJECTED' | 'FAILED';
  readonly code: string;

  constructor(state: 'REJECTED' | 'FAILED', code: string, reason: string) {
    super(reason);
    this.name = 'ItemRefusal';
    this.state = state;
    this.code = code;
  }
}

/** Reads one file of a source folder, never anything outside it.
 *  @param root the folder's real path. @throws {ItemRefusal} */
export async function readSource(root: string, path: string): Promise<Uint8Array> {
  try {
    const real = await realpath(await placeOnDisk(root, path), { encoding: 'buffer' });
    if (!isWithin(real, root)) {
      throw new ItemRefusal('REJECTED', 'LINK_OUTSIDE', 'a symbolic link leads out of the folder');
    }
    const info = await stat(real);
    if (info.isDirectory()) {
      throw new ItemRefusal(
        'REJECTED',
        'NOT_A_FILE',
        'a link to a folder; its files are taken where they really lie',
      );
    }
    if (!info.isFile()) throw new ItemRefusal('REJECTED', 'NOT_A_FILE', 'a device, pipe or socket');
    return await readWithin(real, DEFAULT_DECODE_LIMITS.maxBytes);
  } catch (error) {
    throw error instanceof ItemRefusal ? error : systemRefusal(error);
  }
}

function isWithin(path: Buffer, root: string): boolean {
  const folder = Buffer.from(root.endsWith(sep) ? root : root + sep);
  return path.equals(Buffer.from(root)) || path.subarray(0, folder.length).equals(folder);
}

async function readWithin(path: Buffer, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) throw new ItemRefusal('REJECTED', 'EMPTY_FILE', 'the file is empty');
    if (size > maxBytes) {
      throw new ItemRefusal('REJECTED', 'TOO_LARGE', `the file has ${size} bytes; the limit is ${maxBytes}`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function systemRefusal(error: unknown): ItemRefusal {
  const code = systemErrorCode(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ItemRefusal('REJECTED', 'FILE_MISSING', 'there is no such file');
    case 'ELOOP':
      return new ItemRefusal('REJECTED', 'LINK_LOOP', 'a symbolic link that leads to itself');
    case 'EACCES':
    case 'EPERM':
      return new ItemRefusal('REJECTED', 'FILE_UNREADABLE', 'this server may not read the file');
    case 'ENAMETOOLONG':
      return new ItemRefusal('REJECTED', 'FILE_UNREADABLE', 'the name is too long for this system');
    default:
      return new ItemRefusal(
        'FAILED',
        'FILE_UNREADABLE',
        `the file cannot be read (${code ?? String(error)})`,
      );
  }
}
