// Runs a TypeScript module in a process of its own: `node run-typescript.mjs file.ts arg…`.
// For tests that kill a process; Node 20 cannot read TypeScript by itself.
import { pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';

const [file, ...rest] = process.argv.slice(2);
if (!file) throw new Error('run-typescript: expected a file');
process.argv = [process.argv[0] ?? 'node', file, ...rest];
await runnerImport(pathToFileURL(file).href, { configFile: false, logLevel: 'error' });
