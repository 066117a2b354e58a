/** A request that brought no usable answer: what happened, its stable code, and the trace id to quote. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly traceId?: string,
    /** True when sending the same request again may help (nothing was reached, or the server was busy). */
    readonly retryable = false,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The one the pages show for a request that never reached the server. */
export function unreachable(cause: unknown): ApiError {
  const error = new ApiError(
    'The server could not be reached. Nothing was lost; check that it is running and try again.',
    'UNREACHABLE',
    undefined,
    true,
  );
  error.cause = cause;
  return error;
}

/** Any thrown value as an ApiError, so that every page can show a code. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(message, 'DASHBOARD_ERROR');
}

/** For single things that are asked for by an id out of the address: one that is no id at all, as when the address is
 *  cut off, is answered like one that is not there. */
export async function nullWhereNoId<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'BAD_USER_INPUT') return null;
    throw error;
  }
}
