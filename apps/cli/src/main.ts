import type { CliContext } from './cli-context.js';
import { commands } from './commands/index.js';
import { runCli } from './run-cli.js';

const interrupt = new AbortController();
process.once('SIGINT', () => {
  interrupt.abort();
  // A second Ctrl-C ends at once.
  process.once('SIGINT', () => process.exit(130));
});

const context: CliContext = {
  print: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  interactive: process.stderr.isTTY === true,
  env: process.env,
  signal: interrupt.signal,
};

process.exitCode = await runCli(process.argv.slice(2), commands, context);
