import { CoreError } from '@freestyle/core';

/** Exit codes: 0 done, 1 a defect of ours, 2 bad input, 3 a training that found nothing better than where it started,
 *  130 ended by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export const EXIT_NO_BETTER = 3;

/** Something on the command line that cannot be done as asked; the message says what to do instead. */
export class CliError extends CoreError {
  constructor(
    message: string,
    cause?: unknown,
    readonly exitCode: ExitCode = 2,
  ) {
    super('CLI_USAGE', message, {}, cause);
  }
}
