import { CoreError } from '@freestyle/core';

/** Something on the command line that cannot be done as asked; the message says what to write instead. */
export class CliError extends CoreError {
  constructor(message: string, cause?: unknown) {
    super('CLI_USAGE', message, {}, cause);
  }
}
