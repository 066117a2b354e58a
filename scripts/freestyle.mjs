#!/usr/bin/env node
// `npm run freestyle -- <command>`: makes the command line ready where it is not, then runs it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodeFlags } from './node-flags.mjs';
import { root, setUp } from './setup.mjs';

await setUp(['cli']);

// npm runs scripts in the root of the workspace; paths on the command line are meant from where it was typed.
const cwd = process.env.INIT_CWD ?? process.cwd();
const main = join(root, 'apps', 'cli', 'dist', 'main.js');
const flags = ['--enable-source-maps', ...nodeFlags];
const child = spawn(process.execPath, [...flags, main, ...process.argv.slice(2)], { cwd, stdio: 'inherit' });
// Ctrl-C reaches the child by itself; this process waits for it to end cleanly.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
