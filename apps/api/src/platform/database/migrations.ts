import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolClient } from 'pg';
import { StartError } from '../errors.js';

/** Where the committed migrations lie, seen from the sources as well as from the build. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../../../prisma/migrations', import.meta.url));

// Any number will do, as long as every process uses the same one.
const LOCK_KEY = 7_303_014_018;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface AppliedRow {
  readonly migration_name: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
}

/** Brings the database to the committed migrations, all of them or none, one process at a time.
 *  Keeps Prisma's own `_prisma_migrations` table, so that Prisma's tools see what they expect.
 *  @returns the names that were applied now.
 *  @throws {StartError} `MIGRATION_FAILED`, also for a database that a newer version has migrated. */
export async function applyMigrations(pool: Pool, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await client.query(BOOKKEEPING_TABLE);
    const pending = findPending(migrations, await readApplied(client));
    for (const migration of pending) await applyOne(client, migration);
    await client.query('COMMIT');
    return pending.map(({ name }) => name);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function readApplied(client: PoolClient): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    'SELECT migration_name, finished_at, rolled_back_at FROM _prisma_migrations',
  );
  return rows.filter((row) => row.rolled_back_at === null);
}

function findPending(migrations: readonly Migration[], applied: readonly AppliedRow[]): Migration[] {
  const known = new Set(migrations.map(({ name }) => name));
  for (const row of applied) {
    if (!known.has(row.migration_name)) {
      throw new StartError(
        'MIGRATION_FAILED',
        `The database holds the migration ${row.migration_name}, which this version does not know: it was used by a newer version.`,
      );
    }
    if (row.finished_at === null) {
      throw new StartError(
        'MIGRATION_FAILED',
        `The migration ${row.migration_name} was begun by another tool and never finished; mark it with "prisma migrate resolve".`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !done.has(name));
}

async function applyOne(client: PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  const startedAt = new Date();
  try {
    await client.query(sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError('MIGRATION_FAILED', `The migration ${name} failed: ${reason}`, error);
  }
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, $5, 1)`,
    [randomUUID(), checksum, new Date(), name, startedAt],
  );
}

// Column for column the table that Prisma's schema engine makes.
const BOOKKEEPING_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;
