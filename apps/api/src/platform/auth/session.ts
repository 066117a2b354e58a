import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { sameSecret } from './same-secret.js';

/** What a browser holds instead of the admin token once somebody has signed in. */
export interface Sessions {
  /** A new session. @returns what the browser keeps: when it ends, a random name, and a seal over both. */
  issue(now?: number): string;
  /** Whether this was issued here and has not ended. */
  isValid(session: string, now?: number): boolean;
}

export const SESSION_MS = 30 * 24 * 3_600_000;

/**
 * Sessions without a table of them: each is sealed with a key made from the admin token, so it survives a restart,
 * another process knows it too, and a new token ends all of them.
 */
export function createSessions(adminToken: string): Sessions {
  const key = Buffer.from(hkdfSync('sha256', adminToken, '', 'freestyle session', 32));
  const seal = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    issue(now = Date.now()) {
      const text = `${now + SESSION_MS}.${randomBytes(12).toString('base64url')}`;
      return `${text}.${seal(text)}`;
    },
    isValid(session, now = Date.now()) {
      const [, text, ends, given] = /^((\d{1,16})\.[\w-]{16})\.([\w-]{43})$/.exec(session) ?? [];
      if (text === undefined || given === undefined) return false;
      return sameSecret(given, seal(text)) && Number(ends) > now;
    },
  };
}
