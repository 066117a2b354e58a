import type { RequestHandler } from 'express';
import { OverloadedError } from '../errors.js';
import type { Access } from './access.js';

/** Operations that this process works on at a time. More wait nowhere: they are told when to come again. */
export const MAX_OPERATIONS = 256;

/** Lets an operation in if its caller has not used up what the key may use, and if there is room for it; says what is
 *  left of the key in headers. */
export function createAdmission(
  { rates, callerOf }: Pick<Access, 'rates' | 'callerOf'>,
  most = MAX_OPERATIONS,
): RequestHandler {
  let running = 0;
  return async (request, response, next) => {
    if (running >= most) throw new OverloadedError('Too many operations are under way', 1);
    const state = await rates.take(callerOf(request));
    if (state !== null) {
      const { requestLimit, requestsLeft, encoderMsLimit, encoderMsLeft, resetSeconds } = state;
      response.set({
        ...(requestLimit !== null && {
          'ratelimit-limit': String(requestLimit),
          'ratelimit-remaining': String(Math.max(0, requestsLeft ?? 0)),
          'ratelimit-reset': String(resetSeconds),
        }),
        ...(encoderMsLimit !== null && {
          'x-encoder-seconds-limit': String(encoderMsLimit / 1000),
          'x-encoder-seconds-remaining': (Math.max(0, encoderMsLeft ?? 0) / 1000).toFixed(2),
        }),
      });
    }
    running += 1;
    response.once('close', () => {
      running -= 1;
    });
    next();
  };
}
