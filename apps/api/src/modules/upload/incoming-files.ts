import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { isUuid } from '../../platform/database/uuid.js';
import { fileSize } from '../../platform/storage/unfinished.js';
import { uploadFolder } from '../import/list/open-source.js';

export interface ReceivedFile {
  readonly path: string;
  readonly byteSize: number;
}

/** Files on their way from browsers: `incoming/<session>/parts` holds what is not whole yet, under names of our own;
 *  what is whole lies in `files` under its own path. */
export interface IncomingFiles {
  /** Holds the folders of all sessions. */
  readonly root: string;
  /** Name of a file while it is not whole, below `root`. The same path has the same name, so that a file which is
   *  sent anew takes the place of its own unfinished part. */
  partName(sessionId: string, path: string): string;
  has(sessionId: string, path: string): Promise<boolean>;
  /** Puts a whole part in its place. */
  land(partName: string, sessionId: string, path: string): Promise<void>;
  /** What has arrived whole, by path. */
  received(sessionId: string): Promise<ReceivedFile[]>;
  remove(sessionId: string): Promise<void>;
  /** Sessions that have a folder, with the moment of their last change. */
  sessions(): Promise<{ readonly id: string; readonly changedMs: number }[]>;
  /** Room on the disk, or null where it cannot be told. */
  freeBytes(): Promise<number | null>;
}

export function createIncomingFiles(dataDir: string): IncomingFiles {
  const root = join(dataDir, 'incoming');
  const placeOf = (sessionId: string, path: string) => join(uploadFolder(dataDir, sessionId), path);
  return {
    root,
    partName: (sessionId, path) =>
      `${sessionId}/parts/${createHash('sha256').update(path).digest('hex').slice(0, 32)}`,
    has: async (sessionId, path) => (await fileSize(placeOf(sessionId, path))) !== null,
    async land(partName, sessionId, path) {
      const place = placeOf(sessionId, path);
      await mkdir(dirname(place), { recursive: true });
      await rename(join(root, partName), place);
      await rm(join(root, `${partName}.json`), { force: true });
    },
    received: (sessionId) => listFiles(uploadFolder(dataDir, sessionId)),
    remove: (sessionId) => rm(join(root, sessionId), { recursive: true, force: true }),
    async sessions() {
      const names = await readdir(root).catch(() => []);
      return Promise.all(
        names.filter(isUuid).map(async (id) => ({ id, changedMs: await lastChange(join(root, id)) })),
      );
    },
    async freeBytes() {
      const disk = await statfs(dataDir).catch(() => null);
      return disk === null || disk.bsize === 0 ? null : disk.bavail * disk.bsize;
    },
  };
}

async function listFiles(folder: string): Promise<ReceivedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const found: ReceivedFile[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    found.push({
      path: relative(folder, path).split(sep).join('/'),
      byteSize: (await fileSize(path)) ?? 0,
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

// Every file passes through the folder of parts, which therefore changes with each.
async function lastChange(folder: string): Promise<number> {
  const times = await Promise.all(
    [folder, join(folder, 'parts'), join(folder, 'files')].map(
      async (path) => (await stat(path).catch(() => null))?.mtimeMs ?? 0,
    ),
  );
  return Math.max(...times);
}
