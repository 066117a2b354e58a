import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** In the order in which they need each other. */
const PROJECTS = ['packages/core', 'packages/scenes', 'apps/api'].map(
  (folder) => `${folder}/tsconfig.build.json`,
);

/** Compiles the API and what it stands on, for tests that start processes of their own; nothing is done where nothing changed. */
export function ensureBuilt(): void {
  for (const project of PROJECTS) {
    const result = spawnSync('npx', ['tsc', '-p', project], { cwd: root, encoding: 'utf8' });
    if (result.status !== 0)
      throw new Error(`${project} does not compile:\n${result.stdout}${result.stderr}`);
  }
}
