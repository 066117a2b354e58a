import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Caller } from './caller.js';
import type { Identify } from './identify.js';

export type CallerOf = (request: IncomingMessage) => Caller | null;

/** Finds out who sends a request, once, before anything else of it is looked at. */
export function createCallerOf({ identify }: Pick<Identify, 'identify'>): {
  readonly find: RequestHandler;
  /** Who was found; null for nobody in particular, who may do nothing. */
  readonly callerOf: CallerOf;
} {
  const found = new WeakMap<IncomingMessage, Caller>();
  return {
    async find(request, _response, next) {
      const caller = await identify(request);
      if (caller !== null) found.set(request, caller);
      next();
    },
    callerOf: (request) => found.get(request) ?? null,
  };
}
