import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { StartError, systemErrorCode } from '../errors.js';

export interface FolderLock {
  release(): Promise<void>;
}

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** When the process started, as the kernel counts it: tells a process from a later one with its number. */
  processStart: z.string().nullable(),
  token: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

// Another machine's process cannot be asked whether it lives; its lock counts as dead without this sign of life.
const HEARTBEAT_MS = 10_000;
const STALE_AFTER_MS = 60_000;

const heldHere = new Set<string>();

/** Takes the data folder for this process, because an embedded database has one owner at a time.
 *  The lock of a process that was killed is taken over at once.
 *  @throws {StartError} `DATA_FOLDER_LOCKED` while another process holds it. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(resolve(folder), 'lock');
  await makeFolder(folder);
  if (heldHere.has(path)) throw locked(folder, `process ${process.pid}`);
  heldHere.add(path);
  try {
    const owner = await acquire(folder, path);
    return hold(path, owner);
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
}

async function acquire(folder: string, path: string): Promise<Owner> {
  const owner = self();
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await create(path, owner)) {
      // Two processes may both have found a dead lock: the one whose token stands a moment later has it.
      if (attempt > 0) await sleep(100);
      if ((await readOwner(path))?.token === owner.token) return owner;
      continue;
    }
    const other = await readOwner(path);
    if (other !== null && (await isAlive(path, other))) {
      throw locked(folder, `process ${other.pid}${other.host === hostname() ? '' : ` on ${other.host}`}`);
    }
    await moveAway(path);
  }
  throw locked(folder, 'another process');
}

function hold(path: string, owner: Owner): FolderLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      heldHere.delete(path);
      if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
    },
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      'DATA_FOLDER_UNUSABLE',
      `The data folder ${folder} cannot be used: ${reason}`,
      error,
    );
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify(owner));
    await file.close();
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError('DATA_FOLDER_UNUSABLE', `The data folder cannot be written: ${reason}`, error);
  }
}

/** Null where the file is gone or was never written to its end. */
async function readOwner(path: string): Promise<Owner | null> {
  try {
    return ownerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function isAlive(path: string, owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs < STALE_AFTER_MS;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
  return owner.processStart === null || owner.processStart === processStart(owner.pid);
}

async function moveAway(path: string): Promise<void> {
  const grave = `${path}.${randomUUID()}`;
  await rename(path, grave).catch(() => {});
  await rm(grave, { force: true });
}

const self = (): Owner => ({
  pid: process.pid,
  host: hostname(),
  processStart: processStart(process.pid),
  token: randomUUID(),
});

// Field 22 of /proc/<pid>/stat; the name in brackets before it may itself hold spaces. Null where there is no /proc.
function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return (
      text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .at(19) ?? null
    );
  } catch {
    return null;
  }
}

const locked = (folder: string, holder: string): StartError =>
  new StartError(
    'DATA_FOLDER_LOCKED',
    `The data folder ${folder} is in use by ${holder}; stop it, or choose another folder with --data.`,
  );
