import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { ValidationError } from '../errors.js';

/** Costs of scrypt as OWASP asks for: 2^15 blocks of 1 KiB, so 32 MiB and about 100 ms a try. */
const COSTS = { N: 2 ** 15, r: 8, p: 1 } as const;
const MEMORY = 64 * 1024 * 1024;
const BYTES = 32;
const PASSWORD = { least: 12, most: 200 } as const;

/** Tries at a time in this process: each holds its memory. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((start) => waiting.push(start));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

const derive = (
  password: string,
  salt: Buffer,
  costs: { N: number; r: number; p: number },
): Promise<Buffer> =>
  inTurn(
    () =>
      new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, BYTES, { ...costs, maxmem: MEMORY }, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );

/** @throws {ValidationError} for a password that is too short or too long. */
export async function hashPassword(
  password: string,
  path: readonly string[] = ['password'],
): Promise<string> {
  const { length } = password;
  if (length < PASSWORD.least || length > PASSWORD.most) {
    throw ValidationError.at(
      path,
      `expected ${PASSWORD.least} to ${PASSWORD.most} characters, got ${length}`,
    );
  }
  const salt = randomBytes(16);
  const key = await derive(password, salt, COSTS);
  const { N, r, p } = COSTS;
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Takes as long for somebody who is not there, so that the time says nothing. */
const NOBODY = `scrypt$${COSTS.N}$${COSTS.r}$${COSTS.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** @param hash null for somebody without a password, or who is not there: the answer is no, and takes as long. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (hash ?? NOBODY).split('$');
  const found = await derive(password.slice(0, PASSWORD.most), Buffer.from(salt, 'base64url'), {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  const expected = Buffer.from(key, 'base64url');
  return hash !== null && expected.length === found.length && timingSafeEqual(found, expected);
}
