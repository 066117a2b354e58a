import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PoolConfig } from 'pg';
import { z } from 'zod';
import { StartError } from '../errors.js';

export interface EmbeddedPostgres {
  /** How to reach it with `pg`: one connection, because the embedded database has a single session. */
  readonly poolConfig: PoolConfig;
  close(): Promise<void>;
}

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), port: z.number().optional() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('closed') }),
]);
type Message = z.infer<typeof messageSchema>;

// Outside `src`, because Node itself loads a worker's entry and cannot read TypeScript.
const WORKER = new URL('../../../workers/embedded-postgres.mjs', import.meta.url);

/** Starts PostgreSQL in WebAssembly (PGlite) with pgvector on a worker thread, its data in `<dataDir>/postgres`.
 *  The caller holds the folder's lock. @throws {StartError} `DATABASE_UNREACHABLE` if it does not open. */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const database = join(resolve(dataDir), 'postgres');
  await mkdir(database, { recursive: true });
  const socket = await socketFolder(database);
  const listen = socket === null ? { port: 0 } : { path: join(socket, '.s.PGSQL.5432') };
  const worker = new Worker(WORKER, { workerData: { dataDir: database, listen } });
  const removeSocket = () => (socket === null ? undefined : rm(socket, { recursive: true, force: true }));
  const refuse = async (reason: string, cause?: unknown): Promise<never> => {
    await removeSocket();
    throw new StartError(
      'DATABASE_UNREACHABLE',
      `The embedded database in ${database} does not open: ${reason}`,
      cause,
    );
  };
  const ready = await nextMessage(worker).catch((error: unknown) => refuse(String(error), error));
  if (ready.type !== 'ready') return refuse(ready.type === 'failed' ? ready.message : 'it closed');
  return {
    poolConfig: {
      ...(socket === null ? { host: '127.0.0.1', port: ready.port } : { host: socket }),
      user: 'postgres',
      database: 'postgres',
      max: 1,
    },
    async close() {
      const closed = nextMessage(worker);
      worker.postMessage('close');
      await closed;
      await worker.terminate();
      await removeSocket();
    },
  };
}

// A private folder with a short path: the name of a socket may have about 100 bytes. Windows has no such sockets.
// It is named by its database, so that the next start takes over what a killed server left.
async function socketFolder(database: string): Promise<string | null> {
  if (process.platform === 'win32') return null;
  const name = createHash('sha256').update(database).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), `freestyle-${name}`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    return folder;
  } catch {
    // Another user's: the folder for temporary files is everybody's.
    return mkdtemp(join(tmpdir(), 'freestyle-'));
  }
}

function nextMessage(worker: Worker): Promise<Message> {
  return new Promise((resolveMessage, reject) => {
    const settle = (action: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      action();
    };
    const onMessage = (message: unknown) => settle(() => resolveMessage(messageSchema.parse(message)));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`the worker ended with code ${code}`)));
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
  });
}
