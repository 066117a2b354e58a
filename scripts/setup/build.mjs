import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runStep } from './run-step.mjs';

/** What each part of the product is built from, and the file that every build of it writes anew. A part that needs
 *  another one's build names its inputs too. Tests and generated files are no inputs. */
const CORE = ['packages/core/src', 'packages/core/package.json', 'packages/core/tsconfig.build.json'];
const SCENES = ['packages/scenes/src', 'packages/scenes/package.json', 'packages/scenes/tsconfig.build.json'];
const PARTS = {
  core: { inputs: CORE, result: 'packages/core/dist/.tsbuildinfo' },
  cli: {
    inputs: [...CORE, 'apps/cli/src', 'apps/cli/package.json', 'apps/cli/tsconfig.build.json'],
    result: 'apps/cli/dist/.tsbuildinfo',
  },
  api: {
    inputs: [
      ...CORE,
      ...SCENES,
      'apps/api/src',
      'apps/api/scripts/generate.mjs',
      'apps/api/package.json',
      'apps/api/tsconfig.build.json',
      'prisma/schema.prisma',
    ],
    result: 'apps/api/dist/.tsbuildinfo',
  },
  dashboard: {
    inputs: [
      'apps/dashboard/src',
      'apps/dashboard/public',
      'apps/dashboard/scripts',
      'apps/dashboard/package.json',
      'apps/dashboard/next.config.mjs',
      'apps/dashboard/postcss.config.cjs',
      'apps/dashboard/tsconfig.json',
      'apps/api/schema.graphql',
    ],
    result: 'apps/dashboard/.next/BUILD_ID',
  },
};
const SHARED = ['tsconfig.base.json', 'package-lock.json'];

/** @typedef {keyof typeof PARTS} Part */

/** Builds the parts whose build is missing or was made from other sources.
 *  @param {string} root of the workspace @param {Part[]} parts */
export async function ensureBuilt(root, parts) {
  const notes = readNotes(root);
  const stale = parts.filter((part) => !isFresh(root, part, notes[part]));
  if (stale.length === 0) return;
  // Turborepo knows the order, runs what can run side by side, and keeps results of earlier states.
  await runStep(
    `Building ${stale.join(', ')}`,
    process.execPath,
    [
      join(root, 'node_modules', 'turbo', 'bin', 'turbo'),
      'run',
      'build',
      '--output-logs=errors-only',
      '--no-update-notifier',
      ...stale.map((part) => `--filter=@freestyle/${part}`),
    ],
    root,
  );
  for (const part of stale) notes[part] = describe(root, part);
  writeNotes(root, notes);
}

/** A build is told from another one by its sources and by the time when its result was written. */
const describe = (root, part) => ({ sources: fingerprint(root, part), written: writtenAt(root, part) });

function isFresh(root, part, note) {
  return (
    note !== undefined && writtenAt(root, part) === note.written && fingerprint(root, part) === note.sources
  );
}

function writtenAt(root, part) {
  const path = join(root, PARTS[part].result);
  return existsSync(path) ? statSync(path).mtimeMs : null;
}

/** Hash over names and contents of everything that a part is built from. */
function fingerprint(root, part) {
  const hash = createHash('sha256');
  for (const path of [...SHARED, ...PARTS[part].inputs].flatMap((input) => filesOf(root, input))) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Paths below the root, in an order that is always the same. */
function filesOf(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .filter((name) => name !== 'generated' && !/\.test\.tsx?$/.test(name))
    .flatMap((name) => filesOf(root, `${path}/${name}`));
}

const notesPath = (root) => join(root, 'node_modules', '.cache', 'freestyle', 'builds.json');

function readNotes(root) {
  try {
    return JSON.parse(readFileSync(notesPath(root), 'utf8'));
  } catch {
    return {};
  }
}

function writeNotes(root, notes) {
  mkdirSync(dirname(notesPath(root)), { recursive: true });
  writeFileSync(notesPath(root), JSON.stringify(notes, null, 2));
}
