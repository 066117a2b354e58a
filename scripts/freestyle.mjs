#!/usr/bin/env node
// `npm run freestyle -- <command>`: makes the command line ready where it is not, then runs it.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { nodeFlags } from './node-flags.mjs';
import { root, setUp } from './setup.mjs';

const [command, ...rest] = process.argv.slice(2);
if (command === 'backup' || command === 'restore') {
  // These know the database, which the other commands do not.
  await setUp(['core', 'api']);
  const typedIn = process.env.INIT_CWD ?? process.cwd();
  const at = rest.indexOf('--data');
  const given = at < 0 ? undefined : rest[at + 1];
  const [folder] = rest.filter((_word, i) => at < 0 || (i !== at && i !== at + 1));
  const dataDir = given === undefined ? join(root, '.freestyle') : resolve(typedIn, given);
  const { backupCommand } = await import('../apps/api/dist/start/backup-command.js');
  process.exit(await backupCommand(command, folder && resolve(typedIn, folder), dataDir));
}
await setUp(['cli']);

// npm runs scripts in the root of the workspace; paths on the command line are meant from where it was typed.
const cwd = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'apps', 'cli', 'dist', 'main.js');
const flags = ['--enable-source-maps', ...nodeFlags];
const child = spawn(process.execPath, [...flags, main, ...process.argv.slice(2)], { cwd, stdio: 'inherit' });
// Ctrl-C reaches the child by itself; this process waits for it to end cleanly.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
