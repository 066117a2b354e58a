import type { Command } from 'commander';

/** What a command may use of the world around it. Only the command line reads the environment. */
export interface CliContext {
  /** A line of the command's result. */
  print(text: string): void;
  /** A line about the run: progress, notes. */
  note(text: string): void;
  /** True where progress can be shown on one line that is drawn again. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Adds one command to the program. One file each under `commands/`, listed in `commands/index.ts`. */
export type RegisterCommand = (program: Command, context: CliContext) => void;
