/** Expected failures: a stable `code` and a message that a person can act on. Everything else is masked. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status where the failure is answered outside GraphQL. */
  readonly status: number;

  constructor(code: string, status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.status = status;
  }
}

/** One thing wrong with an input; `path` leads to it from the argument. */
export interface FieldIssue {
  readonly path: readonly string[];
  readonly message: string;
}

export class ValidationError extends ApiError {
  readonly issues: readonly FieldIssue[];

  constructor(message: string, issues: readonly FieldIssue[] = [], cause?: unknown) {
    super('BAD_USER_INPUT', 400, message, cause);
    this.issues = issues;
  }

  /** One issue, whose text is also the message. */
  static at(path: readonly string[], message: string, cause?: unknown): ValidationError {
    return new ValidationError(`${path.join('.')}: ${message}`, [{ path, message }], cause);
  }
}

export class NotFoundError extends ApiError {
  constructor(message: string) {
    super('NOT_FOUND', 404, message);
  }
}

export class UnauthenticatedError extends ApiError {
  constructor(message = 'This server is closed: send an API token as "Authorization: Bearer …".') {
    super('UNAUTHENTICATED', 401, message);
  }
}

export class ForbiddenError extends ApiError {
  constructor(message: string) {
    super('FORBIDDEN', 403, message);
  }
}

export class ConflictError extends ApiError {
  constructor(message: string) {
    super('CONFLICT', 409, message);
  }
}

export class TooLargeError extends ApiError {
  constructor(message: string) {
    super('TOO_LARGE', 413, message);
  }
}

export type CursorErrorCode = 'CURSOR_INVALID' | 'CURSOR_OF_ANOTHER_QUERY' | 'CURSOR_OF_ANOTHER_SPACE';

/** A cursor that this list cannot go on from. */
export class CursorError extends ApiError {
  constructor(code: CursorErrorCode, message: string) {
    super(code, 400, message);
  }
}

/** One operation asks for too much; see the limits of the schema. */
export class QueryTooComplexError extends ApiError {
  constructor(message: string) {
    super('QUERY_TOO_COMPLEX', 400, message);
  }
}

/** Something that may be tried again after a time. */
abstract class LaterError extends ApiError {
  constructor(
    code: string,
    status: number,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super(code, status, message);
  }
}

export const isLater = (error: unknown): error is ApiError & { readonly retryAfterSeconds: number } =>
  error instanceof LaterError;

/** Too many wrong credentials of one kind from one address. */
export class TooManyAttemptsError extends LaterError {
  constructor(seconds: number) {
    const minutes = Math.max(1, Math.ceil(seconds / 60));
    const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
    super(
      'TOO_MANY_ATTEMPTS',
      429,
      `Too many attempts from your address: wait ${wait} and try again.`,
      seconds,
    );
  }
}

/** A key has used up what it may use in a minute. */
export class RateLimitedError extends LaterError {
  constructor(what: string, seconds: number) {
    super(
      'RATE_LIMITED',
      429,
      `This key has used up its ${what} of the minute; try again in ${seconds} seconds.`,
      seconds,
    );
  }
}

/** More is asked for than this process can do now; nothing of it was begun. */
export class OverloadedError extends LaterError {
  /** @param seconds when it is worth trying again. */
  constructor(what: string, seconds: number) {
    super(
      'OVERLOADED',
      503,
      `${what}; try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`,
      seconds,
    );
  }
}

/** A request that cannot be read. */
export class BadRequestError extends ApiError {
  constructor(message: string, cause?: unknown) {
    super('BAD_REQUEST', 400, message, cause);
  }
}

/** Something that this answer needs is not ready or not reachable; trying again later may help. */
export class UnavailableError extends ApiError {
  constructor(message: string, cause?: unknown) {
    super('UNAVAILABLE', 503, message, cause);
  }
}

export type StartErrorCode =
  | 'PORT_BUSY'
  | 'ADDRESS_UNUSABLE'
  | 'DATA_FOLDER_LOCKED'
  | 'DATA_FOLDER_UNUSABLE'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_UNSUITABLE'
  | 'MIGRATION_FAILED'
  | 'SETTINGS_INVALID'
  | 'NOBODY_MAY_SIGN_IN'
  | 'BACKUP_IMPOSSIBLE';

/** The server cannot start; the message is one line for a person. */
export class StartError extends Error {
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StartError';
    this.code = code;
  }
}

/** The `code` of a system error such as ENOENT, or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
