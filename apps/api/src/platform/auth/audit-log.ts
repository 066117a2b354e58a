import type { Logger } from 'pino';
import type { AuditEntry, Prisma, PrismaClient } from '../../generated/prisma/client.js';
import type { KeysetPage } from '../database/paging.js';
import type { Caller, CallerKind } from './caller.js';

export type { AuditEntry };

export type AuditOutcome = 'BEGUN' | 'DONE' | 'REFUSED' | 'FAILED';

export interface AuditNote {
  readonly who: string;
  readonly whoKind: CallerKind | 'SYSTEM' | 'STRANGER';
  readonly whoId?: string | null;
  /** Name of a mutation, or of what happened beside GraphQL. */
  readonly action: string;
  readonly outcome?: AuditOutcome;
  readonly code?: string | null;
  readonly datasetId?: string | null;
  readonly address?: string;
  readonly traceId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  readonly who?: string | null | undefined;
  readonly action?: string | null | undefined;
  readonly datasetId?: string | null | undefined;
  readonly outcome?: AuditOutcome | null | undefined;
  readonly from?: Date | null | undefined;
  readonly to?: Date | null | undefined;
}

export interface AuditLog {
  /** Writes an entry; a failure is an error, because what cannot be told shall not be done. @returns its row. */
  note(note: AuditNote): Promise<string>;
  /** Says how something ended that was noted as begun. */
  conclude(id: string, outcome: AuditOutcome, code: string | null): Promise<void>;
  /** Newest first. */
  page(filter: AuditFilter, page: KeysetPage): Promise<AuditEntry[]>;
  count(filter: AuditFilter): Promise<number>;
  /** Every action that was ever noted, by name. */
  actions(): Promise<string[]>;
}

/** Who a note is of. */
export const noteOf = (caller: Caller | null): Pick<AuditNote, 'who' | 'whoKind' | 'whoId'> =>
  caller === null
    ? { who: 'a stranger', whoKind: 'STRANGER', whoId: null }
    : { who: caller.name, whoKind: caller.kind ?? 'LOCAL', whoId: caller.id ?? null };

export function createAuditLog(prisma: PrismaClient, log: Logger): AuditLog {
  return {
    async note({ detail = {}, outcome = 'DONE', address = '', ...note }) {
      const kept = shortened(detail) as Prisma.InputJsonObject;
      const { id } = await prisma.auditEntry.create({
        data: { ...note, outcome, address, detail: kept },
        select: { id: true },
      });
      return id;
    },
    async conclude(id, outcome, code) {
      await prisma.auditEntry.update({ where: { id }, data: { outcome, code } }).catch((error: unknown) => {
        log.error({ err: error, id, outcome }, 'the end of a change could not be written to the audit log');
      });
    },
    page: (filter, { after, before, limit, inverted }) =>
      prisma.auditEntry.findMany({
        where: {
          AND: [whereOf(filter), { id: { ...(after && { lt: after }), ...(before && { gt: before }) } }],
        },
        orderBy: { id: inverted ? 'asc' : 'desc' },
        take: limit,
      }),
    count: (filter) => prisma.auditEntry.count({ where: whereOf(filter) }),
    async actions() {
      const rows = await prisma.auditEntry.findMany({
        distinct: ['action'],
        select: { action: true },
        orderBy: { action: 'asc' },
      });
      return rows.map(({ action }) => action);
    },
  };
}

function whereOf({ who, action, datasetId, outcome, from, to }: AuditFilter): Prisma.AuditEntryWhereInput {
  return {
    ...(who && { who: { contains: who, mode: 'insensitive' } }),
    ...(action && { action }),
    ...(datasetId && { datasetId }),
    ...(outcome && { outcome }),
    ...((from || to) && { at: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
  };
}

const SECRET = /password|token|secret|cookie|base64/i;
const MOST_TEXT = 300;
const MOST_ENTRIES = 20;
const MOST_DEPTH = 5;

/** PostgreSQL stores neither NUL nor half a surrogate pair, which a cut may leave. */
const storable = (text: string): string => text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd');

/** What was asked, short enough to be kept and without what nobody shall read. */
export function shortened(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    const isLong = value.length > MOST_TEXT;
    const text = storable(value.slice(0, MOST_TEXT));
    return isLong ? `${text}… (${value.length} characters)` : text;
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= MOST_DEPTH) return '…';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ENTRIES).map((one) => shortened(one, depth + 1));
    return value.length > MOST_ENTRIES ? [...shown, `… ${value.length} in all`] : shown;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .slice(0, MOST_ENTRIES * 2)
      .map(([name, one]) => [
        storable(name.slice(0, MOST_TEXT)),
        SECRET.test(name) ? '(not kept)' : shortened(one, depth + 1),
      ]),
  );
}
