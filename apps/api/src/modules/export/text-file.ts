import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveFile } from './archive.js';

/** A file of an archive that is written piece by piece before the archive is made. */
export interface TextFile {
  write(text: string): Promise<void>;
  /** Ends it. @returns the file as it goes into the archive. */
  close(): Promise<ArchiveFile>;
  /** Gives up. */
  abort(): Promise<void>;
}

const BUFFERED = 256 * 1024;

export async function openTextFile(folder: string, name: string): Promise<TextFile> {
  const path = join(folder, name);
  const out = await open(path, 'w');
  let waiting: string[] = [];
  let length = 0;
  const flush = async () => {
    const text = waiting.join('');
    waiting = [];
    length = 0;
    if (text !== '') await out.write(text);
  };
  return {
    async write(text) {
      waiting.push(text);
      length += text.length;
      if (length >= BUFFERED) await flush();
    },
    async close() {
      await flush();
      const { size } = await out.stat();
      await out.close();
      return { name, path, size };
    },
    abort: () => out.close(),
  };
}
