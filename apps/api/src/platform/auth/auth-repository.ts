import {
  type ApiKey,
  type Person,
  Prisma,
  type PrismaClient,
  type Session,
} from '../../generated/prisma/client.js';
import type { KeysetPage } from '../database/paging.js';
import type { RateLimits, Role } from './caller.js';

export type { ApiKey, Person, Session };
export type SessionWithPerson = Session & { readonly person: Person | null };

export interface NewKey extends RateLimits {
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly role: Role;
  readonly datasetIds: readonly string[] | null;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

export interface NewPerson {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly datasetIds: readonly string[] | null;
  readonly passwordHash: string | null;
}

export type PersonChange = Partial<
  Pick<NewPerson, 'name' | 'role' | 'datasetIds' | 'passwordHash'> & { readonly disabledAt: Date | null }
>;

export interface NewSession {
  readonly hash: string;
  readonly personId: string | null;
  readonly tokenHash: string | null;
  readonly address: string;
  readonly userAgent: string;
  readonly expiresAt: Date;
}

export interface AuthRepository {
  keyByPrefix(prefix: string): Promise<ApiKey | null>;
  keysByIds(ids: readonly string[]): Promise<ApiKey[]>;
  /** Newest first. */
  keys(page: KeysetPage): Promise<ApiKey[]>;
  createKey(key: NewKey): Promise<ApiKey>;
  /** Null where it is not there or was revoked before. */
  revokeKey(id: string): Promise<ApiKey | null>;
  touchKey(id: string): Promise<void>;
  personByEmail(email: string): Promise<Person | null>;
  peopleByIds(ids: readonly string[]): Promise<Person[]>;
  people(page: KeysetPage): Promise<Person[]>;
  /** Null if the address is taken. */
  createPerson(person: NewPerson): Promise<Person | null>;
  changePerson(id: string, change: PersonChange): Promise<Person>;
  touchPerson(id: string): Promise<void>;
  /** Administrators who may sign in. */
  countAdmins(): Promise<number>;
  countUsableKeys(): Promise<number>;
  sessionByHash(hash: string): Promise<SessionWithPerson | null>;
  sessionsByIds(ids: readonly string[]): Promise<SessionWithPerson[]>;
  /** @param personId null for those of everybody. */
  sessions(personId: string | null): Promise<SessionWithPerson[]>;
  createSession(session: NewSession): Promise<Session>;
  touchSession(id: string): Promise<void>;
  endSession(id: string): Promise<boolean>;
  /** @returns how many. */
  endSessionsOf(personId: string, except: string | null): Promise<number>;
  sweepSessions(now: Date): Promise<number>;
}

const MOST_SESSIONS = 200;

const jsonIds = (ids: readonly string[] | null) => (ids === null ? Prisma.DbNull : [...ids]);

const keyset = ({ after, before, limit, inverted }: KeysetPage) =>
  ({
    where: { id: { ...(after && { lt: after }), ...(before && { gt: before }) } },
    orderBy: { id: inverted ? 'asc' : 'desc' },
    take: limit,
  }) as const;

export function createAuthRepository(prisma: PrismaClient): AuthRepository {
  return { ...keysOf(prisma), ...peopleOf(prisma), ...sessionsOf(prisma) };
}

const keysOf = (prisma: PrismaClient) =>
  ({
    keyByPrefix: (prefix) => prisma.apiKey.findUnique({ where: { prefix } }),
    keysByIds: (ids) => prisma.apiKey.findMany({ where: { id: { in: [...ids] } } }),
    keys: (page) => prisma.apiKey.findMany(keyset(page)),
    createKey: ({ datasetIds, ...key }) =>
      prisma.apiKey.create({ data: { ...key, datasetIds: jsonIds(datasetIds) } }),
    async revokeKey(id) {
      const [revoked] = await prisma.apiKey.updateManyAndReturn({
        where: { id, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      return revoked ?? null;
    },
    async touchKey(id) {
      await prisma.apiKey.updateMany({ where: { id }, data: { lastUsedAt: new Date() } });
    },
    countUsableKeys: () =>
      prisma.apiKey.count({
        where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
      }),
  }) satisfies Partial<AuthRepository>;

const peopleOf = (prisma: PrismaClient) =>
  ({
    personByEmail: (email) => prisma.person.findUnique({ where: { email } }),
    peopleByIds: (ids) => prisma.person.findMany({ where: { id: { in: [...ids] } } }),
    people: (page) => prisma.person.findMany(keyset(page)),
    async createPerson({ datasetIds, ...person }) {
      const [made] = await prisma.person.createManyAndReturn({
        data: [{ ...person, datasetIds: jsonIds(datasetIds) }],
        skipDuplicates: true,
      });
      return made ?? null;
    },
    changePerson: (id, { datasetIds, ...change }) =>
      prisma.person.update({
        where: { id },
        data: { ...change, ...(datasetIds !== undefined && { datasetIds: jsonIds(datasetIds) }) },
      }),
    async touchPerson(id) {
      await prisma.person.updateMany({ where: { id }, data: { lastSeenAt: new Date() } });
    },
    countAdmins: () => prisma.person.count({ where: { role: 'ADMIN', disabledAt: null } }),
  }) satisfies Partial<AuthRepository>;

const sessionsOf = (prisma: PrismaClient) =>
  ({
    sessionByHash: (hash) => prisma.session.findUnique({ where: { hash }, include: { person: true } }),
    sessionsByIds: (ids) =>
      prisma.session.findMany({ where: { id: { in: [...ids] } }, include: { person: true } }),
    sessions: (personId) =>
      prisma.session.findMany({
        where: { expiresAt: { gt: new Date() }, ...(personId !== null && { personId }) },
        include: { person: true },
        orderBy: { lastUsedAt: 'desc' },
        take: MOST_SESSIONS,
      }),
    createSession: (session) => prisma.session.create({ data: session }),
    async touchSession(id) {
      await prisma.session.updateMany({ where: { id }, data: { lastUsedAt: new Date() } });
    },
    endSession: async (id) => (await prisma.session.deleteMany({ where: { id } })).count > 0,
    endSessionsOf: async (personId, except) =>
      (
        await prisma.session.deleteMany({
          where: { personId, ...(except !== null && { id: { not: except } }) },
        })
      ).count,
    sweepSessions: async (now) =>
      (await prisma.session.deleteMany({ where: { expiresAt: { lt: now } } })).count,
  }) satisfies Partial<AuthRepository>;
