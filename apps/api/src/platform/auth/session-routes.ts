import express, { type CookieOptions, type Request, type RequestHandler, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import type { Logger } from 'pino';
import { ForbiddenError, TooManyAttemptsError, UnauthenticatedError, ValidationError } from '../errors.js';
import { type CallerOf, SESSION_COOKIE } from './caller-of.js';
import { sameSecret } from './same-secret.js';
import { createSessions, SESSION_MS } from './session.js';

export interface SessionRoutesParts {
  readonly adminToken: string | undefined;
  readonly log: Logger;
  callerOf: CallerOf;
}

/** Wrong tokens that one address may send before it has to wait. */
export const MAX_ATTEMPTS = 10;
const WINDOW_MS = 5 * 60_000;

/** Signing in and out of the dashboard: the admin token is sent once, a session is kept. */
export function createSessionRoutes({ adminToken, log, callerOf }: SessionRoutesParts): Router {
  const sessions = adminToken === undefined ? null : createSessions(adminToken);
  const router = Router();
  router.use('/session', (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.get('/session', (request, response) => {
    const caller = callerOf(request);
    const access = caller !== null ? 'GRANTED' : sessions === null ? 'CLOSED' : 'TOKEN';
    response.json({ access, canSignOut: caller?.name === 'admin token' });
  });
  router.post('/session', limitAttempts(), express.json({ limit: '4kb' }), (request, response) => {
    if (sessions === null || adminToken === undefined) {
      throw new ForbiddenError('This server has no token to sign in with: set FREESTYLE_ADMIN_TOKEN.');
    }
    if (!sameSecret(tokenOf(request.body), adminToken)) {
      log.warn({ address: request.socket.remoteAddress }, 'somebody tried to sign in with a wrong token');
      throw new UnauthenticatedError('That is not the token of this server.');
    }
    response.cookie(SESSION_COOKIE, sessions.issue(), { ...cookieOptions(request), maxAge: SESSION_MS });
    response.status(204).end();
  });
  router.delete('/session', (request, response) => {
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
    response.status(204).end();
  });
  return router;
}

/** Counts wrong attempts by address; whoever has sent too many is not heard for a while, with the right one either. */
const limitAttempts = (): RequestHandler =>
  rateLimit({
    windowMs: WINDOW_MS,
    limit: MAX_ATTEMPTS,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Behind a proxy everybody has the proxy's address, and its header could be made up: it counts for nothing here.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => next(new TooManyAttemptsError(WINDOW_MS / 60_000)),
  });

function tokenOf(body: unknown): string {
  const token: unknown = (body as { token?: unknown } | undefined)?.token;
  if (typeof token !== 'string' || token.trim() === '')
    throw new ValidationError('Send the token as JSON: {"token": "…"}.');
  return token.trim();
}

/** Out of reach of scripts, and never sent by a browser on behalf of another site. */
const cookieOptions = (request: Request): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  secure: request.protocol === 'https' || request.get('x-forwarded-proto') === 'https',
});
