import { CoreError } from '@freestyle/core';
import { ApiError, StartError, systemErrorCode } from '../platform/errors.js';

/** Something outside the program stands in the way of a start; the message is one line for a person. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

/** What to tell a person about a failed start, or null if it is a defect of ours. */
export function expectedMessage(error: unknown): string | null {
  if (isDiskFull(error))
    return 'the disk is full; make room (or choose another place with --data) and start again.';
  const expected =
    error instanceof StartProblem ||
    error instanceof StartError ||
    error instanceof ApiError ||
    error instanceof CoreError ||
    systemErrorCode(error) !== undefined;
  return expected && error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ').trim() : null;
}

/** The system says it by a code, PostgreSQL in words. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    systemErrorCode(error) === 'ENOSPC' ||
    /no space left on device|ENOSPC/i.test(error.message) ||
    isDiskFull(error.cause)
  );
}
