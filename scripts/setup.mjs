#!/usr/bin/env node
// Makes a checkout ready to run: packages installed, parts built. Does nothing where nothing changed.
// Plain Node, and imports nothing that is not in this repository: it runs before anything is installed.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './setup/build.mjs';
import { ensureInstalled } from './setup/install.mjs';
import { nodeVersionProblem } from './setup/node-version.mjs';
import { SetupError } from './setup/run-step.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends with one line and code 2. */
export function fail(message) {
  process.stderr.write(`freestyle: ${message}\n`);
  process.exit(2);
}

/** Installs and builds what is missing or stale; ends the process with one clear message where that cannot be done.
 *  @param {('core' | 'cli' | 'api' | 'dashboard')[]} parts */
export async function setUp(parts = ['core', 'cli', 'api', 'dashboard']) {
  const problem = nodeVersionProblem();
  if (problem !== null) fail(problem);
  try {
    await ensureInstalled(root);
    await ensureBuilt(root, parts);
  } catch (error) {
    if (error instanceof SetupError) fail(error.message);
    throw error;
  }
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) await setUp();
