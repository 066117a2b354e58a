import { CoreError } from '@freestyle/core';
import { Command, CommanderError } from 'commander';
import type { CliContext, RegisterCommand } from './cli-context.js';
import { CliError, type ExitCode } from './cli-error.js';

/** Runs one command line and returns its exit code. Bad input is one line on `note`; a stack only with `--debug`,
 *  which may stand anywhere on the line. */
export async function runCli(
  argv: readonly string[],
  commands: readonly RegisterCommand[],
  context: CliContext,
): Promise<ExitCode> {
  const debug = argv.includes('--debug');
  const program = createProgram(commands, context);
  const words = argv.filter((word) => word !== '--debug');
  try {
    if (words.length === 0) {
      context.print(program.helpInformation());
      return 2;
    }
    await program.parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, context);
    return reportError(error, debug, context);
  }
}

function createProgram(commands: readonly RegisterCommand[], context: CliContext): Command {
  const program = new Command('freestyle')
    .description('Train, evaluate and inspect the models of Freestyle.')
    .option('--debug', 'print the stack of an error')
    .showSuggestionAfterError()
    .allowExcessArguments(false);
  for (const register of commands) register(program, context);
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    // Usage errors are told once, by `reportUsage`.
    command.configureOutput({ writeOut: (text) => context.print(text.trimEnd()), writeErr: () => undefined });
  }
  return program;
}

function reportUsage(error: CommanderError, context: CliContext): ExitCode {
  if (error.exitCode === 0) return 0;
  context.note(`${oneLine(error.message).replace(/[^.?!]$/, '$&.')} Try "npm run freestyle -- --help".`);
  return 2;
}

function reportError(error: unknown, debug: boolean, context: CliContext): ExitCode {
  if (context.signal.aborted) {
    context.note('Stopped.');
    return 130;
  }
  const expected = error instanceof CoreError || isSystemError(error);
  const message = error instanceof Error ? error.message : String(error);
  context.note(
    expected
      ? `error: ${oneLine(message)}`
      : `error: unexpected, this is a defect: ${oneLine(message)}${debug ? '' : ' (run again with --debug and report it)'}`,
  );
  if (debug && error instanceof Error) context.note(stackWithCauses(error));
  if (error instanceof CliError) return error.exitCode;
  return expected ? 2 : 1;
}

/** A missing file, a full disk, a folder that may not be read: the machine's answer, in Node's words. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function stackWithCauses(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackWithCauses(error.cause)}` : own;
}
