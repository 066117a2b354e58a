import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript, shared with the script that writes migrations
import { filters, migrationList, openSchemaEngine, schemaTarget } from '../../../scripts/schema-engine.mjs';
import {
  copyTemplate,
  createTestDatabase,
  type TestDatabase,
  temporaryFolder,
} from '../../testing/test-server.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { applyMigrations, MIGRATIONS_FOLDER } from './migrations.js';
import { isOlder, openDatabase } from './open-database.js';

const log = pino({ level: 'silent' });

describe('the committed migrations', () => {
  it('lead exactly to the schema, as Prisma’s own engine sees it', async () => {
    const database = new PGlite({ extensions: { vector } });
    const { engine, close } = await openSchemaEngine(database);
    try {
      const { stdout } = await engine.diff({
        from: { tag: 'migrations', ...migrationList() },
        to: schemaTarget(),
        script: true,
        exitCode: null,
        filters,
      });
      expect(stdout).toContain('This is an empty migration');
    } finally {
      await close();
      await database.close();
    }
  });
});

describe('applying migrations', () => {
  let folder = '';
  let native: TestDatabase | null = null;
  let pool: pg.Pool;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    native = await createTestDatabase();
    const embedded = native === null ? await startEmbeddedPostgres(join(folder, 'data')) : null;
    pool = new pg.Pool(embedded?.poolConfig ?? { connectionString: native?.url });
    stop = async () => {
      await pool.end();
      await embedded?.close();
      await native?.drop();
      await rm(folder, { recursive: true, force: true });
    };
  });
  afterAll(() => stop());

  it('happens once, however many ask for it at a time', async () => {
    const all = await Promise.all([applyMigrations(pool), applyMigrations(pool), applyMigrations(pool)]);
    expect(all.filter((applied) => applied.length > 0)).toHaveLength(1);
    expect(await applyMigrations(pool)).toEqual([]);
  });

  it('keeps the books so that Prisma’s own engine finds every migration applied, unedited and finished', async () => {
    const { rows } = await pool.query('SELECT * FROM _prisma_migrations');
    const foreign = new PGlite({ extensions: { vector } });
    const { engine, close } = await openSchemaEngine(foreign);
    try {
      // The engine makes its own table beside ours: the columns must be the same, and so must the checksums.
      await engine.applyMigrations({ migrationsList: migrationList(), filters });
      const theirs = await foreign.query<Record<string, unknown>>('SELECT * FROM _prisma_migrations');
      const comparable = (row: Record<string, unknown>) => [
        Object.keys(row).sort(),
        row.migration_name,
        row.checksum,
        row.applied_steps_count,
        row.finished_at !== null,
      ];
      expect(rows.map(comparable)).toEqual(theirs.rows.map(comparable));
    } finally {
      await close();
      await foreign.close();
    }
  });

  it('applies all that is new or nothing of it', async () => {
    const migrations = join(folder, 'migrations');
    await cp(MIGRATIONS_FOLDER, migrations, { recursive: true });
    for (const [name, sql] of [
      ['29990101000000_good', 'CREATE TABLE from_a_good_one (id int);'],
      ['29990101000001_bad', 'CREATE TABLE from_a_bad_one (id int); SELECT nonsense;'],
    ] as const) {
      await mkdir(join(migrations, name));
      await writeFile(join(migrations, name, 'migration.sql'), sql);
    }
    await expect(applyMigrations(pool, migrations)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('29990101000001_bad'),
    });
    const { rows } = await pool.query(
      `SELECT to_regclass('from_a_good_one') AS good, to_regclass('from_a_bad_one') AS bad`,
    );
    expect(rows).toEqual([{ good: null, bad: null }]);
  });

  it('refuses a database that a newer version has migrated', async () => {
    await pool.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '29990101000000_later', now())`,
    );
    await expect(applyMigrations(pool)).rejects.toThrow(
      '29990101000000_later, which this version does not know',
    );
  });
});

describe('opening a database', () => {
  it('says in one line what is wrong with an address', async () => {
    const dataDir = await temporaryFolder();
    await expect(
      openDatabase({ dataDir, databaseUrl: 'postgresql://nobody@127.0.0.1:1/none' }, log),
    ).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE', message: expect.not.stringContaining('\n') });
    await rm(dataDir, { recursive: true });
  });

  it('refuses an embedded database that is open already', async () => {
    const dataDir = await temporaryFolder();
    await copyTemplate(dataDir);
    const database = await openDatabase({ dataDir }, log);
    await expect(openDatabase({ dataDir }, log)).rejects.toMatchObject({ code: 'DATA_FOLDER_LOCKED' });
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it('answers what waits for a connection before it closes', async () => {
    const dataDir = await temporaryFolder();
    await copyTemplate(dataDir);
    const database = await openDatabase({ dataDir }, log);
    const only = await database.pool.connect();
    const waiting = database.pool.query('SELECT 1 AS one');
    const closed = database.close();
    setTimeout(() => only.release(), 100);
    expect((await waiting).rows).toEqual([{ one: 1 }]);
    await closed;
    await rm(dataDir, { recursive: true });
  });

  it('knows which pgvector has known faults', () => {
    expect(['0.8.0', '0.8.1', '0.7.4', '0.8'].map((version) => isOlder(version, [0, 8, 2]))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(['0.8.2', '0.8.7', '0.10.0', '1.0.0'].map((version) => isOlder(version, [0, 8, 2]))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
