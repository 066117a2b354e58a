import { type HubOptions, hubOptionsFrom } from '@freestyle/core';
import { z } from 'zod';
import { isAddressRange } from '../auth/client-address.js';
import { StartError } from '../errors.js';

const optional = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const list = optional.transform((text) =>
  (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== ''),
);

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
  /** The first administrator, made at the start where there is none. */
  FREESTYLE_ADMIN_EMAIL: optional.refine((email) => email === undefined || /^\S+@\S+$/.test(email), {
    message: 'expected an address such as ada@example.org',
  }),
  FREESTYLE_ADMIN_PASSWORD: optional.refine((password) => password === undefined || password.length >= 12, {
    message: 'expected at least 12 characters',
  }),
  /** Addresses or ranges of proxies that say whose requests they pass on, with commas between them. */
  FREESTYLE_TRUSTED_PROXIES: list.refine((ranges) => ranges.every(isAddressRange), {
    message: 'expected addresses or ranges such as 10.0.0.0/8',
  }),
  /** Share of searches that are ranked exactly as well, to know what the index misses. Only a figure is kept. */
  FREESTYLE_RECALL_SAMPLE: optional
    .transform((text) => (text === undefined ? undefined : Number(text)))
    .refine((share) => share === undefined || (Number.isFinite(share) && share >= 0 && share <= 1), {
      message: 'expected a share from 0 to 1',
    }),
  /** How many days a deleted photo is kept before it is gone for good. */
  FREESTYLE_KEEP_DELETED_DAYS: optional
    .transform((text) => (text === undefined ? undefined : Number(text)))
    .refine((days) => days === undefined || (Number.isFinite(days) && days >= 0 && days <= 3650), {
      message: 'expected a number of days from 0 to 3650',
    }),
  /** Origins whose pages may use this server from a browser, with commas between them. */
  FREESTYLE_ALLOWED_ORIGINS: list.refine((origins) => origins.every(isOrigin), {
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
  readonly firstAdmin?: { readonly email: string; readonly password: string } | undefined;
  /** None unless told otherwise. */
  readonly trustedProxies?: readonly string[];
  /** 0 unless told otherwise. */
  readonly recallSample?: number | undefined;
  /** 30 unless told otherwise. */
  readonly keepDeletedDays?: number | undefined;
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
    firstAdmin: firstAdminOf(parsed.data),
    trustedProxies: parsed.data.FREESTYLE_TRUSTED_PROXIES,
    recallSample: parsed.data.FREESTYLE_RECALL_SAMPLE,
    keepDeletedDays: parsed.data.FREESTYLE_KEEP_DELETED_DAYS,
    allowedOrigins: parsed.data.FREESTYLE_ALLOWED_ORIGINS,
    hub: hubOptionsFrom(env),
  };
}

function firstAdminOf({
  FREESTYLE_ADMIN_EMAIL: email,
  FREESTYLE_ADMIN_PASSWORD: password,
}: z.output<typeof environment>): Settings['firstAdmin'] {
  if (email === undefined && password === undefined) return undefined;
  if (email !== undefined && password !== undefined) return { email, password };
  const missing = email === undefined ? 'FREESTYLE_ADMIN_EMAIL' : 'FREESTYLE_ADMIN_PASSWORD';
  throw new StartError('SETTINGS_INVALID', `${missing}: is needed beside the other of the two`);
}
