import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runStep } from './run-step.mjs';

/** Installs the packages of the lock file where they are missing or others.
 *  @param {string} root of the workspace */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  await runStep(
    'Installing packages from the npm registry (about 1.5 GB on disk, once)',
    process.execPath,
    [npmCli(), 'ci', '--no-audit', '--no-fund', '--no-update-notifier', '--ignore-scripts'],
    root,
  );
}

/** True if what npm noted about node_modules agrees with the lock file. npm writes that note last, so a broken-off
 *  installation has none. */
export function isInstalled(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = present[path];
    // Optional packages are for other systems, or not there for a reason that npm has accepted.
    if (found === undefined)
      return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return entry.link === true || found.version === entry.version;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/** npm's own script: the npm that runs this one, else the one that came with Node. */
function npmCli() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', '..', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  return found ?? findOnPath();
}

function findOnPath() {
  for (const folder of (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':')) {
    const path = join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (existsSync(path)) return path;
  }
  return 'npm-cli.js';
}
