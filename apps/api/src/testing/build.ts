import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Compiles core and API, for tests that start processes of their own; nothing is done where nothing changed. */
export function ensureBuilt(): void {
  for (const project of ['packages/core/tsconfig.build.json', 'apps/api/tsconfig.build.json']) {
    const result = spawnSync('npx', ['tsc', '-p', project], { cwd: root, encoding: 'utf8' });
    if (result.status !== 0)
      throw new Error(`${project} does not compile:\n${result.stdout}${result.stderr}`);
  }
}
