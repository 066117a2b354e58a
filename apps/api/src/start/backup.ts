import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { pino } from 'pino';
import { z } from 'zod';
import { type DatabaseOptions, openDatabase } from '../platform/database/open-database.js';
import { StartError } from '../platform/errors.js';

/** What a backup says of itself. */
const manifestSchema = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** Migrations that had been applied, by name: rows fit no other schema. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.number() })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

const ROWS = 500;
/** What is made anew, is under way, or is the database itself. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...['postgres', 'lock', 'thumbnails', 'staging', 'unfinished', 'incoming', 'cache'],
]);

const silent = pino({ level: 'silent' });

/** Writes database and files of one moment into a folder that is not there yet or empty. The rows are read in one
 *  transaction; files are named by content and never changed, so that they are copied after it.
 *  @throws {StartError} `BACKUP_IMPOSSIBLE` */
export async function backUp(options: DatabaseOptions, target: string): Promise<BackupManifest> {
  await requireEmpty(target);
  const database = await openDatabase(options, silent);
  try {
    const client = await database.pool.connect();
    try {
      await mkdir(join(target, 'tables'), { recursive: true });
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const tables: { name: string; rows: number }[] = [];
      for (const name of await tablesOf(client)) {
        tables.push({ name, rows: await writeTable(client, name, fileOf(target, name)) });
      }
      const migrations = await migrationsOf(client);
      await client.query('COMMIT');
      await copyFiles(resolve(options.dataDir), join(target, 'files'));
      const manifest: BackupManifest = { format: 1, createdAt: new Date().toISOString(), migrations, tables };
      // Last: a folder without it is no backup.
      await writeFile(join(target, 'backup.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      return manifest;
    } finally {
      client.release();
    }
  } finally {
    await database.close();
  }
}

/** Brings a backup into an empty data folder, and into an empty database. All of it comes in one transaction.
 *  @throws {StartError} `BACKUP_IMPOSSIBLE` */
export async function restore(source: string, options: DatabaseOptions): Promise<BackupManifest> {
  const manifest = await readManifest(source);
  const database = await openDatabase(options, silent);
  try {
    const client = await database.pool.connect();
    try {
      await requireSameSchema(client, manifest);
      await client.query('BEGIN');
      const keys = await dropForeignKeys(client);
      for (const { name, rows } of manifest.tables) {
        const brought = await readTable(client, name, fileOf(source, name));
        if (brought !== rows)
          throw impossible(`The backup is not whole: ${name} has ${brought} of ${rows} rows.`);
      }
      for (const { table, name, definition } of keys) {
        await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${quoted(name)} ${definition}`);
      }
      await setSequences(client);
      await cp(join(source, 'files'), resolve(options.dataDir), { recursive: true, force: true });
      await client.query('COMMIT');
      return manifest;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  } finally {
    await database.close();
  }
}

const impossible = (message: string): StartError => new StartError('BACKUP_IMPOSSIBLE', message);
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const fileOf = (folder: string, table: string): string => join(folder, 'tables', `${table}.jsonl`);

async function requireEmpty(folder: string): Promise<void> {
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0) throw impossible(`${folder} is not empty; name a folder for this backup alone.`);
}

async function readManifest(source: string): Promise<BackupManifest> {
  const text = await readFile(join(source, 'backup.json'), 'utf8').catch(() => null);
  if (text === null) throw impossible(`${source} is no backup: it has no backup.json.`);
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw impossible(`${source} is of a form that this release does not read.`);
  return parsed.data;
}

async function tablesOf(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

async function migrationsOf(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
  );
  return rows.map(({ name }) => name);
}

async function requireSameSchema(client: pg.PoolClient, { migrations }: BackupManifest): Promise<void> {
  const here = await migrationsOf(client);
  const differs =
    migrations.find((name) => !here.includes(name)) ?? here.find((name) => !migrations.includes(name));
  if (differs !== undefined) {
    throw impossible(
      `The backup is of another release (${differs}): restore it with that release, then start this one on it, which upgrades it.`,
    );
  }
  for (const name of await tablesOf(client)) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${quoted(name)} LIMIT 1`);
    if (rowCount)
      throw impossible(`The database is not empty (${name}); a backup is restored into an empty one.`);
  }
}

async function writeTable(client: pg.PoolClient, table: string, path: string): Promise<number> {
  const file = createWriteStream(path);
  let count = 0;
  await client.query(
    `DECLARE backup_rows NO SCROLL CURSOR FOR SELECT to_jsonb(t.*)::text AS row FROM ${quoted(table)} t`,
  );
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`FETCH ${ROWS} FROM backup_rows`);
    if (rows.length === 0) break;
    count += rows.length;
    if (!file.write(rows.map(({ row }) => `${row}\n`).join(''))) await once(file, 'drain');
  }
  await client.query('CLOSE backup_rows');
  file.end();
  await finished(file);
  return count;
}

async function readTable(client: pg.PoolClient, table: string, path: string): Promise<number> {
  const { rows: found } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`,
    [table],
  );
  const columns = found.map(({ name }) => quoted(name)).join(', ');
  let count = 0;
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    await client.query(
      `INSERT INTO ${quoted(table)} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${quoted(table)}, $1::jsonb)`,
      [`[${batch.join(',')}]`],
    );
    count += batch.length;
    batch = [];
  };
  for await (const line of createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line === '') continue;
    batch.push(line);
    if (batch.length >= ROWS) await flush();
  }
  await flush();
  return count;
}

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** Tables refer to each other in circles: the keys are made again once all rows are there, which checks them. */
async function dropForeignKeys(client: pg.PoolClient): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(
    `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2`,
  );
  for (const { table, name } of rows)
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quoted(name)}`);
  return rows;
}

async function setSequences(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `SELECT table_name AS table, column_name AS column, pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
     FROM information_schema.columns WHERE table_schema = 'public'
       AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL`,
  );
  for (const { table, column, sequence } of rows) {
    await client.query(
      `SELECT setval($1::regclass, coalesce((SELECT max(${quoted(column)}) FROM ${quoted(table)}), 1),
         EXISTS (SELECT 1 FROM ${quoted(table)}))`,
      [sequence],
    );
  }
}

async function copyFiles(dataDir: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const name of await readdir(dataDir).catch(() => [])) {
    if (LEFT_OUT.has(name)) continue;
    const path = join(dataDir, name);
    if (resolve(target).startsWith(`${path}/`) || !(await stat(path)).isDirectory()) continue;
    await cp(path, join(target, name), { recursive: true });
  }
}
