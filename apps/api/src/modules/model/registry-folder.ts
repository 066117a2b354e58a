import { cp, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where models lie: `models/<hash>` for those that are registered, `incoming` for those on their way. */
export interface RegistryFolder {
  /** Absolute path of a registered model's files. */
  model(contentHash: string): string;
  /** What a hub's files are kept in until they are registered: a download that was cut off goes on from there. */
  readonly hubCache: string;
  /** A folder of one job or one upload. */
  incoming(id: string): string;
  readonly incomingRoot: string;
  /** Moves a staged folder to its place; one that is there already stays. */
  adopt(staged: string, contentHash: string): Promise<void>;
  remove(contentHash: string): Promise<void>;
}

export function createRegistryFolder(dataDir: string): RegistryFolder {
  const root = resolve(dataDir, 'registry');
  const model = (hash: string) => join(root, 'models', checkHash(hash));
  return {
    model,
    hubCache: join(root, 'hub'),
    incomingRoot: join(root, 'incoming'),
    incoming: (id) => join(root, 'incoming', id),
    async adopt(staged, contentHash) {
      const place = model(contentHash);
      await mkdir(dirname(place), { recursive: true });
      const isThere = await stat(place).then(
        () => true,
        () => false,
      );
      if (isThere) await rm(staged, { recursive: true, force: true });
      else await rename(staged, place);
    },
    remove: (contentHash) => rm(model(contentHash), { recursive: true, force: true }),
  };
}

function checkHash(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new RangeError(`"${hash}" is no hash of a model`);
  return hash;
}

/** Bytes of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Gives a file a second name, or copies it where the disk cannot do that. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true });
  await link(from, to).catch(() => cp(from, to));
}
