import type { IncomingMessage } from 'node:http';
import { parse as parseCookies } from 'cookie';
import type { Settings } from '../config/settings.js';
import { UnauthenticatedError } from '../errors.js';
import type { Attempts } from './attempts.js';
import type { ApiKey, AuthRepository, SessionWithPerson } from './auth-repository.js';
import { type Caller, ROLES, type Role } from './caller.js';
import { isLocal } from './is-local.js';
import { createKnown } from './known.js';
import { sameSecret } from './same-secret.js';
import { hashSecret, prefixOf } from './secret-text.js';

export const SESSION_COOKIE = 'freestyle_session';

const LOCAL_ADMIN: Caller = { name: 'local', role: 'ADMIN', kind: 'LOCAL', id: null, datasets: null };
export const TOKEN_ADMIN: Caller = {
  name: 'admin token',
  role: 'ADMIN',
  kind: 'TOKEN',
  id: null,
  datasets: null,
};

export interface IdentifyParts {
  readonly settings: Pick<Settings, 'adminToken' | 'trustLoopback'>;
  readonly repository: AuthRepository;
  readonly attempts: Attempts;
  addressOf(request: IncomingMessage): string;
}

export interface Identify {
  /** Who sends a request; null for nobody in particular, who may do nothing.
   *  @throws {TooManyAttemptsError} for one more wrong credential from an address that sent too many. */
  identify(request: IncomingMessage): Promise<Caller | null>;
  /** Whether somebody may sign in: then this machine itself is asked too. */
  isSetUp(): Promise<boolean>;
  /** Reads keys, people and sessions anew: something about them was changed here. */
  forget(): void;
}

/** How long a row is taken for what it was: a key that another process revoked works no longer than this. */
const REMEMBERED_MS = 2000;
/** How exactly it is told when a key was last used. */
const TOUCHED_MS = 60_000;

/** Tells callers apart. While nobody is set up, somebody at this very machine is its administrator and nobody else gets
 *  in. Otherwise loopback counts for nothing unless `trustLoopback` says so, because a proxy that passes on neither the
 *  caller's address nor the name makes the whole world look local. */
export function createIdentify({ settings, repository, attempts, addressOf }: IdentifyParts): Identify {
  const { adminToken, trustLoopback } = settings;
  const keys = createKnown<ApiKey>(REMEMBERED_MS, (prefix) => repository.keyByPrefix(prefix));
  const sessions = createKnown<SessionWithPerson>(REMEMBERED_MS, (hash) => repository.sessionByHash(hash));
  const admins = createKnown<true>(REMEMBERED_MS, async () =>
    (await repository.countAdmins()) > 0 ? true : null,
  );
  const touched = new Map<string, number>();
  const tokenHash = adminToken === undefined ? null : hashSecret(adminToken);

  function touch(id: string, write: () => Promise<void>): void {
    const now = Date.now();
    if (now - (touched.get(id) ?? 0) < TOUCHED_MS) return;
    if (touched.size > 10_000) touched.clear();
    touched.set(id, now);
    write().catch(() => touched.delete(id));
  }

  async function byToken(token: string, address: string): Promise<Caller> {
    if (adminToken !== undefined && sameSecret(token, adminToken)) return TOKEN_ADMIN;
    const prefix = prefixOf(token);
    const key = prefix === null ? null : await keys.get(prefix);
    if (key !== null && sameSecret(hashSecret(token), key.hash) && isUsable(key)) {
      touch(key.id, () => repository.touchKey(key.id));
      return callerOfKey(key);
    }
    attempts.wrong(address, prefix ?? 'a bearer token');
    throw new UnauthenticatedError();
  }

  async function bySession(cookie: string): Promise<Caller | null> {
    const session = await sessions.get(hashSecret(cookie));
    if (session === null || session.expiresAt.getTime() <= Date.now()) return null;
    const { person, id: sessionId } = session;
    const caller =
      person === null
        ? tokenSession(session, tokenHash)
        : person.disabledAt === null
          ? callerOfPerson(person)
          : null;
    if (caller === null) return null;
    touch(sessionId, () => repository.touchSession(sessionId));
    if (person !== null) touch(person.id, () => repository.touchPerson(person.id));
    return { ...caller, sessionId };
  }

  const isSetUp = async () => adminToken !== undefined || (await admins.get('')) !== null;
  return {
    isSetUp,
    async identify(request) {
      const token = bearerToken(request);
      // Another scheme is no guess, and nobody's.
      if (token === '') return null;
      if (token !== null) {
        return byToken(token, addressOf(request)).catch((error: unknown) => {
          if (error instanceof UnauthenticatedError) return null;
          throw error;
        });
      }
      if (isLocal(request) && (trustLoopback || !(await isSetUp()))) return LOCAL_ADMIN;
      const cookie = sessionOf(request);
      return cookie === undefined ? null : bySession(cookie);
    },
    forget() {
      keys.forget();
      sessions.forget();
      admins.forget();
    },
  };
}

const tokenSession = (session: SessionWithPerson, tokenHash: string | null): Caller | null =>
  tokenHash !== null && session.tokenHash !== null && sameSecret(session.tokenHash, tokenHash)
    ? TOKEN_ADMIN
    : null;

const isUsable = ({ revokedAt, expiresAt }: ApiKey): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());

const callerOfKey = (key: ApiKey): Caller => ({
  name: `${key.name} (${key.prefix})`,
  role: roleOf(key.role),
  kind: 'KEY',
  id: key.id,
  datasets: idsOf(key.datasetIds),
  limits: { requestsPerMinute: key.requestsPerMinute, encoderSecondsPerMinute: key.encoderSecondsPerMinute },
});

export const callerOfPerson = (person: NonNullable<SessionWithPerson['person']>): Caller => ({
  name: person.email,
  role: roleOf(person.role),
  kind: 'PERSON',
  id: person.id,
  datasets: idsOf(person.datasetIds),
});

/** What is not known is the least. */
const roleOf = (text: string): Role => ROLES.find((role) => role === text) ?? 'VIEWER';

/** Rows of datasets as they are kept; what cannot be read lets nothing be seen. */
export const idsOf = (kept: unknown): readonly string[] | null =>
  kept === null || kept === undefined
    ? null
    : Array.isArray(kept)
      ? kept.filter((id): id is string => typeof id === 'string')
      : [];

export const sessionOf = ({ headers }: IncomingMessage): string | undefined => {
  const cookie = headers.cookie === undefined ? undefined : parseCookies(headers.cookie)[SESSION_COOKIE];
  return cookie === '' ? undefined : cookie;
};

/** Null where none was sent; whoever sends something else is not taken for a local caller. */
function bearerToken({ headers }: IncomingMessage): string | null {
  if (headers.authorization === undefined) return null;
  return /^Bearer\s+(\S{1,500})$/i.exec(headers.authorization)?.[1] ?? '';
}
