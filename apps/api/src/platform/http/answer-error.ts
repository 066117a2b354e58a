import { ImageDecodeError } from '@freestyle/core';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { ApiError, isLater } from '../errors.js';

/** Answers requests that failed: expected failures with their code, others masked with a trace id. Below /graphql the
 *  answer has the form of every other answer there. */
export const answerError =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const graphql = /^\/graphql(?:[/?]|$)/.test(request.originalUrl);
    const answer = (
      status: number,
      { message, ...rest }: { code: string; message: string; traceId?: string },
    ) => {
      const body = graphql ? { errors: [{ message, extensions: rest }] } : { ...rest, message };
      response.status(status).json(body);
    };
    const known = expected(error);
    if (known !== null) {
      if (isLater(error)) response.set('retry-after', String(error.retryAfterSeconds));
      // What was not read would be taken for the next request.
      if (!request.complete) response.set('connection', 'close');
      answer(known.status, { code: known.code, message: known.message });
      return;
    }
    const traceId = String(response.locals.traceId ?? 'unknown');
    log.error({ err: error, traceId, method: request.method, path: request.path }, 'request failed');
    const message = `Something went wrong on our side. The log has it under ${traceId}.`;
    answer(500, { code: 'INTERNAL_SERVER_ERROR', message, traceId });
  };

function expected(error: unknown): { status: number; code: string; message: string } | null {
  if (error instanceof ApiError) return error;
  if (error instanceof ImageDecodeError) {
    return { status: error.code === 'TOO_LARGE' ? 413 : 422, code: error.code, message: error.message };
  }
  // What the library says about a client's mistake: the body parser with a type and words that are meant for the
  // client, the router without, about an address that cannot be decoded.
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') {
    const { status } = error;
    if (status === 413) return { status, code: 'TOO_LARGE', message: 'The request is too large.' };
    const message = 'type' in error ? error.message : 'The address of this request cannot be read.';
    if (status < 500) return { status, code: 'BAD_REQUEST', message };
  }
  return null;
}
