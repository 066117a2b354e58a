/** Prisma's schema engine (WASM) over an embedded database: what `prisma migrate diff` and `migrate status` do,
 *  without the native engine binary that the command line would download. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const prismaFolder = join(dirname(fileURLToPath(import.meta.url)), '../../../prisma');
export const migrationsFolder = join(prismaFolder, 'migrations');
const schemaPath = join(prismaFolder, 'schema.prisma');

/** No table or enum is left out of a diff. */
export const filters = { externalTables: [], externalEnums: [] };

/** The schema file, as a diff target. */
export const schemaTarget = () => ({
  tag: 'schemaDatamodel',
  files: [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }],
});

/** The committed migrations, as the engine wants them. */
export function migrationList() {
  const names = readdirSync(migrationsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: migrationsFolder,
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(migrationsFolder, 'migration_lock.toml'), 'utf8'),
    },
    shadowDbInitScript: '',
    migrationDirectories: names.map((path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(migrationsFolder, path, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

/** Opens the engine on an embedded database. @param {PGlite} database the caller closes it. */
export async function openSchemaEngine(database) {
  const shadows = [];
  const factory = new PrismaPGlite(database);
  // The engine replays migrations in a database of its own; the adapter's default one has no pgvector.
  factory.connectToShadowDb = async () => {
    const shadow = new PGlite({ extensions: { vector } });
    shadows.push(shadow);
    return new PrismaPGlite(shadow).connect();
  };
  loaded ??= loadEngine();
  const binding = await loaded;
  const engine = await binding.SchemaEngine.new(
    { datamodels: [[schemaPath, readFileSync(schemaPath, 'utf8')]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  );
  return {
    engine,
    close: async () => void (await Promise.all(shadows.map((shadow) => shadow.close().catch(() => {})))),
  };
}

// The glue code holds one instance: a second one would pull the memory from under the first.
let loaded;

async function loadEngine() {
  const require = createRequire(import.meta.url);
  const glue = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const binding = await import(glue);
  const module = new WebAssembly.Module(readFileSync(join(dirname(glue), 'schema_engine_bg.wasm')));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': binding });
  binding.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return binding;
}
