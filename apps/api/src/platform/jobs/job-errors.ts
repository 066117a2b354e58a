import { CoreError } from '@freestyle/core';
import { ApiError, UnavailableError } from '../errors.js';

export interface JobFailureOptions {
  readonly cause?: unknown;
  /** Stable, for programs; `JOB_FAILED` unless given. */
  readonly code?: string;
  /** Whether trying again later may help without a person doing something about it. */
  readonly retryable?: boolean;
}

/** Ends a job as failed, with a message made for people. */
export class JobFailure extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, { cause, code = 'JOB_FAILED', retryable = false }: JobFailureOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = retryable;
  }
}

/** A job of a kind that this release does not have. */
export class UnknownJobKindError extends JobFailure {
  constructor(readonly kind: string) {
    super(`This server knows no work of the kind ${kind}: the job was made by another release.`, {
      code: 'UNKNOWN_JOB_KIND',
    });
  }
}

/** A job's payload is not what its kind expects: it was made by another release. */
export class UnreadablePayloadError extends JobFailure {
  constructor(
    readonly kind: string,
    why: string,
  ) {
    super(
      `This ${kind} job was asked for in a way that this release does not know (${why}). Ask for it again.`,
      {
        code: 'UNREADABLE_PAYLOAD',
      },
    );
  }
}

/** The lease went to another worker, so this one must stop without another word. */
export class LeaseLostError extends Error {
  constructor() {
    super('another worker has taken over the job');
    this.name = 'LeaseLostError';
  }
}

/** Why the signal of a run fires; what a run throws to say that it stopped before its work was done. */
export class JobStopped extends Error {
  constructor(readonly why: StopReason) {
    super(`the job was ${why}`);
    // As the platform's own aborted work is called, so that libraries know it.
    this.name = 'AbortError';
  }
}

export type StopReason = 'stopped' | 'paused' | 'cancelled' | 'lost';

/** What people and programs are told of an error that ended a job, and whether to try again. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** The words of an error that nobody expected are for the log alone: they may hold code and paths. */
export function toldError(error: unknown, traceId: string): ToldError {
  if (error instanceof JobFailure) return error;
  if (error instanceof ApiError || error instanceof CoreError) {
    const { code, message } = error;
    return { code, message, retryable: error instanceof UnavailableError };
  }
  return {
    code: 'UNEXPECTED',
    message: `The job stopped on something that went wrong on our side. The log has it under ${traceId}.`,
    retryable: true,
  };
}
