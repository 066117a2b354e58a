import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodePng } from '../image/image-codec.js';

/** A folder of files for a test: text and bytes as given, `picture` as a small PNG of its own colour. */
export type FixtureFiles = Readonly<Record<string, string | Uint8Array | symbol>>;

/** Stands for a small picture in a fixture. */
export const picture = Symbol('picture');

/** Writes a fixture into a fresh temporary folder. @returns its path, and how to remove it. */
export async function makeFixtureFolder(
  files: FixtureFiles,
): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'freestyle-dataset-'));
  let count = 0;
  for (const [file, content] of Object.entries(files)) {
    const path = join(dir, file);
    await mkdir(dirname(path), { recursive: true });
    count += 1;
    await writeFile(path, typeof content === 'symbol' ? await smallPicture(count) : content);
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

const smallPicture = (n: number): Promise<Uint8Array> =>
  encodePng({ width: 32, height: 20, data: new Uint8Array(32 * 20 * 3).fill((n * 40) % 256) });
