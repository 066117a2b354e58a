import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Logger } from 'pino';
import { PrismaClient } from '../../generated/prisma/client.js';
import { StartError } from '../errors.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { lockFolder } from './folder-lock.js';
import { applyMigrations } from './migrations.js';

export interface Database {
  readonly kind: 'embedded' | 'native';
  readonly prisma: PrismaClient;
  /** For the job queue, which brings its own SQL. */
  readonly pool: pg.Pool;
  readonly pgvectorVersion: string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly dataDir: string;
  /** A PostgreSQL with pgvector; without it the embedded one in `dataDir` is opened. */
  readonly databaseUrl?: string | undefined;
}

// Below it, an index may be corrupted or read outside its bounds (pgvector's own change log).
const SAFE_PGVECTOR = [0, 8, 2] as const;

/** Opens the database, applies the migrations and checks versions.
 *  @throws {StartError} with one line that says what to do. */
export async function openDatabase(options: DatabaseOptions, log: Logger): Promise<Database> {
  const server = options.databaseUrl === undefined ? await openEmbedded(options.dataDir) : null;
  const pool = new pg.Pool(server?.poolConfig ?? { connectionString: options.databaseUrl, max: 10 });
  pool.on('error', (error) => log.error({ err: error }, 'an idle database connection failed'));
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    // The library's 2 seconds to begin would fail a click while an import keeps a small machine busy.
    transactionOptions: { maxWait: 30_000, timeout: 60_000 },
  });
  const close = async () => {
    await settleWaiting(pool);
    await prisma.$disconnect();
    await pool.end();
    await server?.close();
  };
  try {
    if (server === null) await checkServer(pool);
    const applied = await applyMigrations(pool);
    if (applied.length > 0) log.info({ applied }, 'migrations applied');
    const pgvectorVersion = await readPgvectorVersion(pool);
    warnOldPgvector(pgvectorVersion, log);
    return { kind: server === null ? 'native' : 'embedded', prisma, pool, pgvectorVersion, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

const SETTLE_MS = 5000;

/** Lets the queries run that wait for a connection: a pool that ends never answers them, and who waits for one, as the
 *  job queue does between two looks, would keep the process from ending. */
async function settleWaiting(pool: pg.Pool): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  while (pool.waitingCount > 0 && performance.now() < until) await sleep(5);
}

async function openEmbedded(dataDir: string) {
  const lock = await lockFolder(dataDir);
  try {
    const server = await startEmbeddedPostgres(dataDir);
    return {
      poolConfig: server.poolConfig,
      async close() {
        await server.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function checkServer(pool: pg.Pool): Promise<void> {
  const version = await serverVersion(pool);
  if (version < 150_000) {
    throw new StartError(
      'DATABASE_UNSUITABLE',
      `DATABASE_URL leads to PostgreSQL ${Math.floor(version / 10_000)}; version 15 or newer is needed.`,
    );
  }
  const { rows } = await pool.query<{ installed: boolean; available: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector') AS installed,
            EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') AS available`,
  );
  if (rows[0]?.installed || rows[0]?.available) return;
  throw new StartError(
    'DATABASE_UNSUITABLE',
    'The PostgreSQL behind DATABASE_URL has no pgvector; install the extension "vector" on that server.',
  );
}

async function serverVersion(pool: pg.Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    return rows[0]?.version ?? 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new StartError(
      'DATABASE_UNREACHABLE',
      `The database of DATABASE_URL cannot be reached: ${reason}`,
      error,
    );
  }
}

async function readPgvectorVersion(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ extversion: string }>(
    `SELECT extversion FROM pg_extension WHERE extname = 'vector'`,
  );
  return rows[0]?.extversion ?? 'unknown';
}

function warnOldPgvector(version: string, log: Logger): void {
  if (!isOlder(version, SAFE_PGVECTOR)) return;
  log.warn(
    { pgvector: version },
    `pgvector ${version} has faults that can corrupt a vector index; update it to ${SAFE_PGVECTOR.join('.')} or newer`,
  );
}

/** Whether a dotted version is below `floor`. */
export function isOlder(version: string, floor: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [i, wanted] of floor.entries()) {
    const part = parts[i] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
