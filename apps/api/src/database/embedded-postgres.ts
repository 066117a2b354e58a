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
const WORKER = new URL('../../workers/embedded-postgres.mjs', import.meta.url);

/** Starts PostgreSQL in WebAssembly (PGlite) with pgvector on a worker thread, its data in `<dataDir>/postgres`.
 *  The caller holds the folder's lock. @throws {StartError} `DATABASE_UNREACHABLE` if it does not open. */
export async function startEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const database = join(resolve(dataDir), 'postgres');
  await mkdir(database, { recursive: true });
  const socket = await socketFolder();
  const listen = socket === null ? { port: 0 } : { path: join(socket, '.s.PGSQL.5432') };
  const worker = new Worker(WORKER, { workerData: { dataDir: database, listen } });
  const ready = await nextMessage(worker).catch((error: unknown) => failed(database, String(error), error));
  if (ready.type !== 'ready') return failed(database, ready.type === 'failed' ? ready.message : 'it closed');
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
      if (socket !== null) await rm(socket, { recursive: true, force: true });
    },
  };
}

// A private folder with a short path: the name of a socket may have about 100 bytes. Windows has no such sockets.
const socketFolder = (): Promise<string | null> =>
  process.platform === 'win32' ? Promise.resolve(null) : mkdtemp(join(tmpdir(), 'freestyle-'));

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

function failed(database: string, reason: string, cause?: unknown): never {
  throw new StartError(
    'DATABASE_UNREACHABLE',
    `The embedded database in ${database} does not open: ${reason}`,
    cause,
  );
}
