import { mkdir, statfs } from 'node:fs/promises';
import { StartProblem } from './start-problem.js';

// A fresh embedded database takes about 60 MB, and needs as much again while it works.
const NEEDED_BYTES = 150 * 1024 ** 2;

/** Makes the data folder and refuses a disk that has no room for a database, which would die half made.
 *  @throws {StartProblem} */
export async function requireSpace(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    throw new StartProblem(`the data folder ${dataDir} cannot be used: ${error.message}`, { cause: error });
  });
  const disk = await statfs(dataDir).catch(() => null);
  if (disk === null || disk.bsize === 0) return;
  const free = disk.bavail * disk.bsize;
  if (free >= NEEDED_BYTES) return;
  const [has, needs] = [free, NEEDED_BYTES].map((bytes) => Math.floor(bytes / 1024 ** 2));
  throw new StartProblem(
    `the disk is full: ${dataDir} has ${has} MB left, ${needs} MB are needed; make room or choose another place with --data.`,
  );
}
