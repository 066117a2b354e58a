import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

/** Unpacks an archive as any other program would, by its directory, with every size verified.
 *  @returns the names of its files, in order. */
export async function unzip(bytes: Buffer, folder: string): Promise<string[]> {
  const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true, validateEntrySizes: true });
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const path = join(folder, entry.fileName);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    names.push(entry.fileName);
  }
  return names;
}

/** Downloads an export and unpacks it. @returns the names of its files. */
export async function downloadExport(url: string, folder: string): Promise<string[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}.zip`, bytes);
  return unzip(bytes, folder);
}
