import { createHash, randomBytes } from 'node:crypto';

/** sha256 of a random secret, hex. What people think of needs a slower hash. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** 256 random bits as text. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

const KEY = /^(fsk_[0-9a-f]{8})_[\w-]{43}$/;

/** A new API key: what is seen of it, and the whole, which is shown once. */
export function newApiKey(): { readonly prefix: string; readonly key: string } {
  const prefix = `fsk_${randomBytes(4).toString('hex')}`;
  return { prefix, key: `${prefix}_${randomSecret()}` };
}

/** The visible part of what looks like an API key; null for what does not. */
export const prefixOf = (text: string): string | null => KEY.exec(text)?.[1] ?? null;
