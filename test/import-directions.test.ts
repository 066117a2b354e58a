import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-directions-'));
  const config = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'));
  await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
  await mkdir(join(folder, 'apps/dashboard'), { recursive: true });
  await cp(join(root, 'apps/dashboard/biome.jsonc'), join(folder, 'apps/dashboard/biome.jsonc'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What `npm run lint:circles` asks for: it takes a look at every file there is, which each run of the linter should not. */
const CIRCLES = ['--only=suspicious/noImportCycles', '--error-on-warnings'];

/** Plants files and lints them with the repository's own rules. @returns what the linter says; empty if nothing. */
async function lint(files: Readonly<Record<string, string>>, flags: readonly string[] = []): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  try {
    await promisify(execFile)(process.execPath, [biome, 'lint', '--colors=off', ...flags, '.'], {
      cwd: folder,
    });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return `${stdout}\n${stderr}`;
  } finally {
    for (const path of Object.keys(files)) await rm(join(folder, path));
  }
}

const taking = (from: string) => `import { one } from '${from}';\n\nexport const two = one + 1;\n`;

it.each([
  [
    'apps/dashboard/src/page.ts',
    '@freestyle/core',
    'The dashboard knows the API by its printed schema alone',
  ],
  ['apps/dashboard/src/page.tsx', '../../api/src/errors.js', 'printed schema alone'],
  [
    'apps/api/src/modules/x/run.ts',
    '../../../../../packages/core/src/nn/x.js',
    'its files are its own business',
  ],
  ['apps/api/src/platform/net/x.ts', '../../modules/photo/service.js', 'The platform knows no module'],
  ['apps/api/src/modules/x/repository.ts', '../../platform/graphql/paging.js', 'knows nothing of GraphQL'],
  ['apps/api/src/modules/x/service.ts', 'graphql', 'knows nothing of GraphQL'],
  ['apps/api/src/modules/x/count-sql.ts', './schema.js', 'knows nothing of GraphQL'],
  ['packages/core/src/models/x.ts', '../training/losses.js', 'Inference never imports training'],
  ['packages/core/src/freestyle/x.ts', '../training/recipes/query/x.js', 'Inference never imports training'],
])('%s may not import %s', async (path, from, message) => {
  const said = await lint({ [path]: taking(from) });
  expect(said).toContain('noRestrictedImports');
  expect(said).toContain(message);
});

it('files may not import each other in a circle, not even for their types', async () => {
  const path = 'apps/api/src/modules/x';
  const circle = {
    [`${path}/a.ts`]: "import type { B } from './b.js';\n\nexport interface A {\n  readonly b: B;\n}\n",
    [`${path}/b.ts`]:
      "import type { A } from './a.js';\n\nexport interface B {\n  readonly a: A | null;\n}\n",
  };
  expect(await lint(circle, CIRCLES)).toContain('noImportCycles');
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(scripts.lint).toContain('lint:circles');
  expect(scripts['lint:circles']).toContain(CIRCLES.join(' '));
});

it('what goes in the right direction passes', async () => {
  const said = await lint({
    'apps/api/src/platform/database/keys.ts': 'export const one = 1;\n',
    'apps/api/src/modules/x/repository.ts': taking('../../platform/database/keys.js'),
    'apps/api/src/modules/x/service.ts': "export { two } from './repository.js';\n",
    'apps/api/src/modules/x/schema.ts': "export { two } from './service.js';\n",
  });
  expect(said).toBe('');
});
