import type { IncomingMessage } from 'node:http';
import { parse as parseCookies } from 'cookie';
import ipaddr from 'ipaddr.js';
import type { Settings } from '../config/settings.js';
import type { Caller } from './caller.js';
import { sameSecret } from './same-secret.js';
import { createSessions } from './session.js';

const LOCAL_ADMIN: Caller = { name: 'local', role: 'ADMIN' };
const TOKEN_ADMIN: Caller = { name: 'admin token', role: 'ADMIN' };

export type CallerOf = (request: IncomingMessage) => Caller | null;

export const SESSION_COOKIE = 'freestyle_session';

/** Who sends a request. While no admin token is set, somebody at this very machine is its administrator and nobody
 *  else gets in. With one, the token opens the door, sent with each request or once to sign in, which leaves a session
 *  in the browser's cookie; loopback then counts for nothing unless `trustLoopback` says so, because a proxy that
 *  passes on neither the caller's address nor the name makes the whole world look local.
 *  @returns a function that gives null for nobody in particular, who may do nothing. */
export function createCallerOf({
  adminToken,
  trustLoopback,
}: Pick<Settings, 'adminToken' | 'trustLoopback'>): CallerOf {
  const localIsAdmin = adminToken === undefined || trustLoopback;
  const sessions = adminToken === undefined ? null : createSessions(adminToken);
  return (request) => {
    const token = bearerToken(request);
    if (token !== null) return adminToken !== undefined && sameSecret(token, adminToken) ? TOKEN_ADMIN : null;
    if (localIsAdmin && isLocal(request)) return LOCAL_ADMIN;
    const session = sessionOf(request);
    return session !== undefined && sessions?.isValid(session) ? TOKEN_ADMIN : null;
  };
}

const sessionOf = ({ headers }: IncomingMessage): string | undefined =>
  headers.cookie === undefined ? undefined : parseCookies(headers.cookie)[SESSION_COOKIE];

/** Whether the request begins and ends on this machine. A proxy in front makes every caller look local, so its
 *  headers count against it; and a page elsewhere can point a name of its own at 127.0.0.1, so the name counts too. */
function isLocal(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => headers[name] !== undefined,
  );
  return !proxied && isLoopback(socket.remoteAddress ?? '') && isLocalName(hostOf(headers.host ?? ''));
}

/** Whether an address is of the loopback network, also written as IPv6. */
export function isLoopback(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return ipaddr.process(text).range() === 'loopback';
}

const hostOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

const isLocalName = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);

/** Null where none was sent; whoever sends something else is not taken for a local caller. */
function bearerToken({ headers }: IncomingMessage): string | null {
  if (headers.authorization === undefined) return null;
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization)?.[1] ?? '';
}
