import { type CookieOptions, type Request, Router } from 'express';
import type { Logger } from 'pino';
import type { Settings } from '../config/settings.js';
import { ForbiddenError, UnauthenticatedError, ValidationError } from '../errors.js';
import { jsonBody } from '../http/json-body.js';
import type { Access } from './access.js';
import { noteOf } from './audit-log.js';
import type { Caller } from './caller.js';
import { callerOfPerson, SESSION_COOKIE, sessionOf, TOKEN_ADMIN } from './identify.js';
import { isPassword } from './password.js';
import { sameSecret } from './same-secret.js';
import { hashSecret, randomSecret } from './secret-text.js';

export interface SessionRoutesParts {
  readonly settings: Pick<Settings, 'adminToken'>;
  readonly access: Access;
  readonly log: Logger;
}

export const SESSION_MS = 30 * 24 * 3_600_000;

const BODY = { maxBytes: 4096, maxDepth: 2, maxValues: 20, maxMembers: 10, maxElements: 10 };

/** Signing in to the dashboard and out of it. What is sent once is kept nowhere; a row says that this browser may come
 *  in, until it is deleted or its end. */
export function createSessionRoutes(parts: SessionRoutesParts): Router {
  const { access, settings } = parts;
  const router = Router();
  router.use('/session', (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  router.get('/session', async (request, response) => {
    const caller = access.callerOf(request);
    const ways = await waysIn(parts);
    response.json({
      access: caller !== null ? 'GRANTED' : ways.length === 0 ? 'CLOSED' : 'TOKEN',
      canSignOut: typeof caller?.sessionId === 'string',
      ways,
      expired: caller === null && sessionOf(request) !== undefined,
      role: caller?.role ?? null,
    });
  });
  router.post('/session', ...jsonBody(BODY), async (request, response) => {
    const { caller, personId } = await signIn(request, parts);
    const secret = randomSecret();
    await access.repository.createSession({
      hash: hashSecret(secret),
      personId,
      tokenHash:
        personId === null && settings.adminToken !== undefined ? hashSecret(settings.adminToken) : null,
      address: access.addressOf(request),
      userAgent: String(request.headers['user-agent'] ?? '').slice(0, 300),
      expiresAt: new Date(Date.now() + SESSION_MS),
    });
    await note(parts, request, caller, 'SIGN_IN');
    response.cookie(SESSION_COOKIE, secret, { ...cookieOptions(request), maxAge: SESSION_MS });
    response.status(204).end();
  });
  router.delete('/session', async (request, response) => {
    const caller = access.callerOf(request);
    if (typeof caller?.sessionId === 'string') {
      await access.repository.endSession(caller.sessionId);
      access.forget();
      await note(parts, request, caller, 'SIGN_OUT');
    }
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
    response.status(204).end();
  });
  return router;
}

async function waysIn({ settings, access }: SessionRoutesParts): Promise<string[]> {
  const people = (await access.repository.countAdmins()) > 0;
  return [...(people ? ['PASSWORD'] : []), ...(settings.adminToken === undefined ? [] : ['TOKEN'])];
}

interface SignedIn {
  readonly caller: Caller;
  readonly personId: string | null;
}

async function signIn(request: Request, parts: SessionRoutesParts): Promise<SignedIn> {
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  return 'email' in body ? byPassword(request, body, parts) : byToken(request, body, parts);
}

async function byToken(
  request: Request,
  { token }: Readonly<Record<string, unknown>>,
  parts: SessionRoutesParts,
): Promise<SignedIn> {
  const { adminToken } = parts.settings;
  if (adminToken === undefined) {
    throw new ForbiddenError('This server has no token to sign in with: set FREESTYLE_ADMIN_TOKEN.');
  }
  if (typeof token !== 'string' || token.trim() === '') {
    throw new ValidationError('Send the token as JSON: {"token": "…"}.');
  }
  // The right one is never locked out: a guess at 128 bits gains nothing by it.
  if (sameSecret(token.trim(), adminToken)) return { caller: TOKEN_ADMIN, personId: null };
  parts.access.attempts.wrong(parts.access.addressOf(request), 'the admin token');
  await note(parts, request, null, 'SIGN_IN', 'UNAUTHENTICATED');
  throw new UnauthenticatedError('That is not the token of this server.');
}

async function byPassword(
  request: Request,
  body: Readonly<Record<string, unknown>>,
  parts: SessionRoutesParts,
): Promise<SignedIn> {
  const { access } = parts;
  const { email, password } = body;
  if (typeof email !== 'string' || typeof password !== 'string' || email.trim() === '' || password === '') {
    throw new ValidationError('Send address and password as JSON: {"email": "…", "password": "…"}.');
  }
  const name = email.trim().toLowerCase().slice(0, 320);
  const address = access.addressOf(request);
  access.attempts.check(address, name);
  const person = await access.repository.personByEmail(name);
  const right = await isPassword(password, person?.disabledAt === null ? person.passwordHash : null);
  if (!right || person === null) {
    access.attempts.wrong(address, name);
    await note(parts, request, null, 'SIGN_IN', 'UNAUTHENTICATED', { email: name });
    throw new UnauthenticatedError('The address or the password is wrong.');
  }
  access.attempts.right(address, name);
  return { caller: callerOfPerson(person), personId: person.id };
}

const note = (
  { access }: SessionRoutesParts,
  request: Request,
  caller: Caller | null,
  action: string,
  code: string | null = null,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<string> =>
  access.audit.note({
    ...noteOf(caller),
    ...{ action, code, detail, outcome: code === null ? 'DONE' : 'REFUSED' },
    address: access.addressOf(request),
    traceId: String(request.res?.locals.traceId ?? ''),
  });

/** Out of reach of scripts, and never sent by a browser on behalf of another site. */
const cookieOptions = (request: Request): CookieOptions => ({
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  secure: request.protocol === 'https' || request.get('x-forwarded-proto') === 'https',
});
