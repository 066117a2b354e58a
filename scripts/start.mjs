#!/usr/bin/env node
import { nodeVersionProblem } from './setup/node-version.mjs';
import { QUIET_ENVIRONMENT } from './setup/run-step.mjs';
// `npm start`: makes the checkout ready where it is not, then runs the product in this very process.
// Plain Node up to the import at the end, because nothing may be installed yet.
import { fail, root, setUp } from './setup.mjs';
import { folderProblem } from './start/check-folder.mjs';
import { portProblem } from './start/check-port.mjs';
import { HELP, readOptions, UsageError } from './start/options.mjs';

// npm runs scripts in the root of the workspace; paths on the command line are meant from where it was typed.
const typedIn = process.env.npm_lifecycle_event === 'start' ? process.env.INIT_CWD : undefined;
if (typedIn !== undefined) process.chdir(typedIn);

const options = read();
if (options === 'help') {
  process.stdout.write(HELP);
  process.exit(0);
}
const problem =
  nodeVersionProblem() ??
  (options.folder === null ? null : folderProblem(options.folder)) ??
  (await portProblem(options.host, options.port));
if (problem !== null) fail(problem);

await setUp(['core', 'api', 'dashboard']);

// React and Next take their quick builds from this, and must see it before they are loaded.
Object.assign(process.env, { NODE_ENV: 'production' }, QUIET_ENVIRONMENT);
process.setSourceMapsEnabled(true);
const { run } = await import('../apps/api/dist/start/run.js');
process.exit(await run(options));

function read() {
  try {
    return readOptions(process.argv.slice(2), { root, cwd: process.cwd() });
  } catch (error) {
    if (error instanceof UsageError) fail(`${error.message} (npm start -- --help lists the options)`);
    throw error;
  }
}
