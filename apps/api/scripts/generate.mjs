/** Makes the database client from prisma/schema.prisma, with no download:
 *  `prisma generate` only asks that a schema-engine binary exists, it never runs it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const schema = join(here, '../../../prisma/schema.prisma');
const output = join(here, '../src/generated/prisma');
const stamp = join(output, '.stamp');
const packageFile = createRequire(import.meta.url).resolve('prisma/package.json');
const { version, bin } = JSON.parse(readFileSync(packageFile, 'utf8'));
const fingerprint = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== fingerprint) {
  const result = spawnSync(
    process.execPath,
    [join(dirname(packageFile), bin.prisma), 'generate', '--schema', schema, '--no-hints'],
    {
      cwd: join(here, '..'),
      encoding: 'utf8',
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    },
  );
  if (result.status !== 0) {
    process.stderr.write(
      `The database client could not be generated:\n${result.stdout ?? ''}${result.stderr ?? result.error}\n`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, fingerprint);
}
