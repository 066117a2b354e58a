import { lstat, writeFile } from 'node:fs/promises';
import { atomicWrite } from '@freestyle/core/weights';

/** Writes a file that a flag named; its folder is made when missing. A run that is stopped leaves the old file or the
 *  whole new one. */
export async function writeOutput(path: string, text: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  // Links and devices such as /dev/stdout are written to, not replaced.
  if (there && !there.isFile()) await writeFile(path, text);
  else await atomicWrite(path, (file) => file.writeFile(text));
}
