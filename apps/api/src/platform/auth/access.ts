import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { PrismaClient } from '../../generated/prisma/client.js';
import type { Settings } from '../config/settings.js';
import { StartError } from '../errors.js';
import { type Attempts, createAttempts } from './attempts.js';
import { type AuditLog, createAuditLog } from './audit-log.js';
import { type AuthRepository, createAuthRepository } from './auth-repository.js';
import { type CallerOf, createCallerOf } from './caller-of.js';
import { createClientAddress } from './client-address.js';
import { createIdentify, type Identify } from './identify.js';
import { isLoopbackHost } from './is-local.js';
import { hashPassword } from './password.js';
import { createRateLimiter, type RateLimiter } from './rate-limiter.js';

/** Who may come in, and what they did: what the whole server asks about callers. */
export interface Access extends Identify {
  readonly repository: AuthRepository;
  readonly attempts: Attempts;
  readonly audit: AuditLog;
  readonly rates: RateLimiter;
  readonly find: ReturnType<typeof createCallerOf>['find'];
  readonly callerOf: CallerOf;
  addressOf(request: IncomingMessage): string;
  close(): Promise<void>;
}

export function createAccess(prisma: PrismaClient, settings: Settings, log: Logger): Access {
  const repository = createAuthRepository(prisma);
  const attempts = createAttempts(log);
  const addressOf = createClientAddress(settings.trustedProxies ?? []);
  const identify = createIdentify({ settings, repository, attempts, addressOf });
  const rates = createRateLimiter(prisma, log);
  return {
    ...identify,
    ...createCallerOf(identify),
    ...{ repository, attempts, addressOf, rates },
    audit: createAuditLog(prisma, log),
    close: () => rates.close(),
  };
}

/** Makes the first administrator where the settings name one and nobody is there, and sees that a server which others can
 *  reach is one that somebody may sign in to. @throws {StartError} `NOBODY_MAY_SIGN_IN` */
export async function openDoors(
  { repository, audit, forget }: Access,
  { adminToken, firstAdmin }: Settings,
  host: string,
): Promise<void> {
  if (firstAdmin && (await repository.countAdmins()) === 0) {
    const { email, password } = firstAdmin;
    const passwordHash = await hashPassword(password, ['FREESTYLE_ADMIN_PASSWORD']);
    await repository.createPerson({
      ...{ email: email.toLowerCase(), name: 'Administrator', role: 'ADMIN', datasetIds: null },
      passwordHash,
    });
    await audit.note({ who: 'server', whoKind: 'SYSTEM', action: 'FIRST_ADMIN', detail: { email } });
    forget();
  }
  if (isLoopbackHost(host) || adminToken !== undefined) return;
  const doors = (await repository.countAdmins()) + (await repository.countUsableKeys());
  if (doors > 0) return;
  throw new StartError(
    'NOBODY_MAY_SIGN_IN',
    `Others could reach ${host}, but nobody may sign in yet. Set FREESTYLE_ADMIN_EMAIL and FREESTYLE_ADMIN_PASSWORD (12 characters or more) for a first administrator, or FREESTYLE_ADMIN_TOKEN (16 or more), or leave out --host to be reached from this machine alone.`,
  );
}
