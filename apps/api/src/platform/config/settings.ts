import { type HubOptions, hubOptionsFrom } from '@freestyle/core';
import { z } from 'zod';
import { StartError } from '../errors.js';

const optional = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

const environment = z.object({
  /** A PostgreSQL >= 15 with pgvector; without it the embedded database is used. */
  DATABASE_URL: optional.refine((url) => url === undefined || /^postgres(ql)?:\/\//.test(url), {
    message: 'expected a URL that begins with postgresql://',
  }),
  /** Whoever sends it as a bearer token is an administrator; without it only this machine gets in. */
  FREESTYLE_ADMIN_TOKEN: optional.refine((token) => token === undefined || token.length >= 16, {
    message: 'expected at least 16 characters',
  }),
  /** With a token set: whether callers on this machine still need none. */
  FREESTYLE_TRUST_LOOPBACK: optional.refine((flag) => flag === undefined || /^[01]$/.test(flag), {
    message: 'expected 1 or 0',
  }),
  /** Origins whose pages may use this server from a browser, with commas between them. */
  FREESTYLE_ALLOWED_ORIGINS: optional
    .transform((text) =>
      (text ?? '')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .refine((origins) => origins.every(isOrigin), {
      message: 'expected origins such as https://shop.example',
    }),
  FREESTYLE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .optional()
    .catch(undefined),
});

export interface Settings {
  readonly databaseUrl: string | undefined;
  readonly adminToken: string | undefined;
  readonly trustLoopback: boolean;
  readonly logLevel: string | undefined;
  /** None unless told otherwise. */
  readonly allowedOrigins?: readonly string[];
  /** Where models come from that are not there yet; the public hub unless told otherwise. */
  readonly hub?: HubOptions;
}

/** The one place that reads the environment. @throws {StartError} `SETTINGS_INVALID` naming the variable. @throws {HubError} */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError('SETTINGS_INVALID', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return {
    databaseUrl: parsed.data.DATABASE_URL,
    adminToken: parsed.data.FREESTYLE_ADMIN_TOKEN,
    trustLoopback: parsed.data.FREESTYLE_TRUST_LOOPBACK === '1',
    logLevel: parsed.data.FREESTYLE_LOG_LEVEL,
    allowedOrigins: parsed.data.FREESTYLE_ALLOWED_ORIGINS,
    hub: hubOptionsFrom(env),
  };
}
