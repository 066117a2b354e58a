/** `node apps/api/scripts/new-migration.mjs <name>`: writes the SQL that leads from the committed migrations to
 *  prisma/schema.prisma. Read it before you commit it: statements that Prisma cannot express are added by hand. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import {
  filters,
  migrationList,
  migrationsFolder,
  openSchemaEngine,
  schemaTarget,
} from './schema-engine.mjs';

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Usage: node apps/api/scripts/new-migration.mjs <name_in_lower_case>\n');
  process.exit(2);
}
mkdirSync(migrationsFolder, { recursive: true });
const lock = join(migrationsFolder, 'migration_lock.toml');
if (!existsSync(lock))
  writeFileSync(lock, '# The database that these migrations are written for.\nprovider = "postgresql"\n');

const database = new PGlite({ extensions: { vector } });
const { engine, close } = await openSchemaEngine(database);
const list = migrationList();
const from = list.migrationDirectories.length === 0 ? { tag: 'empty' } : { tag: 'migrations', ...list };
const { stdout } = await engine.diff({ from, to: schemaTarget(), script: true, exitCode: null, filters });
await close();
await database.close();

if (!stdout || /^-- This is an empty migration/.test(stdout)) {
  process.stdout.write('The migrations already lead to the schema.\n');
} else {
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const folder = join(migrationsFolder, `${stamp}_${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'migration.sql'), stdout);
  process.stdout.write(`${join(folder, 'migration.sql')}\n`);
}
