#!/usr/bin/env node
// `npm run bench`: the image encoder's forward pass and a full training step, ours against plain ONNX Runtime and
// PyTorch, in one run. `npm run bench -- transfer`, `npm run bench -- grid`, `npm run bench -- search` and
// `npm run bench -- jobs` measure the server, `npm run bench -- style-path` what the style of a query costs, `npm run bench -- gpu` a graphics card; with
// `--help` each lists its options.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from './node-flags.mjs';
import { setUp } from './setup.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!existsSync(join(root, 'node_modules', 'vite'))) {
  process.stderr.write('bench: the dependencies are not installed; run "npm install" first.\n');
  process.exit(2);
}
const runner = join(root, 'packages', 'core', 'src', 'testing', 'run-typescript.mjs');
// Of its own where it is named, else the encoder's.
const PARTS = ['transfer', 'grid', 'search', 'jobs', 'style-path', 'gpu'];
const named = PARTS.includes(process.argv[2]);
if (named) await setUp(['style-path', 'gpu'].includes(process.argv[2]) ? ['core'] : ['core', 'api']);
const file = join(root, 'test', 'bench', named ? `${process.argv[2]}.ts` : 'bench.ts');
// As the command line runs, where it is not the server that is measured.
const flags = ['transfer', 'grid', 'search', 'jobs'].includes(process.argv[2]) ? [] : nodeFlags;
const child = spawn(process.execPath, [...flags, runner, file, ...process.argv.slice(named ? 3 : 2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
