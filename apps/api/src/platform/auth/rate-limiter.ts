import type { Logger } from 'pino';
import type { PrismaClient } from '../../generated/prisma/client.js';
import { RateLimitedError } from '../errors.js';
import type { Caller } from './caller.js';

/** What a key has left in this minute, for headers. */
export interface RateState {
  readonly requestLimit: number | null;
  readonly requestsLeft: number | null;
  readonly encoderMsLimit: number | null;
  readonly encoderMsLeft: number | null;
  readonly resetSeconds: number;
}

/** Requests and encoder time of keys by the minute, counted over all processes in the database. */
export interface RateLimiter {
  /** Counts a request. @returns null for a caller without limits. @throws {RateLimitedError} */
  take(caller: Caller | null): Promise<RateState | null>;
  /** Counts time of the encoder, after it was used. */
  spend(caller: Caller | null, encoderMs: number): void;
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/** How long counts are gathered before they are written: what a key may go over its limit by, in a process. */
const FLUSH_MS = 200;
const MINUTE_MS = 60_000;

interface Count {
  minute: number;
  /** As the database had it last, over all processes. */
  requests: number;
  encoderMs: number;
  /** Counted here since. */
  moreRequests: number;
  moreMs: number;
  readAt: number;
  flushing: Promise<void> | null;
}

export function createRateLimiter(
  prisma: PrismaClient,
  log: Logger,
  now: () => number = Date.now,
): RateLimiter {
  const counts = new Map<string, Count>();
  const minuteOf = () => Math.floor(now() / MINUTE_MS) * MINUTE_MS;

  function countOf(id: string): Count {
    const minute = minuteOf();
    const known = counts.get(id);
    if (known !== undefined && known.minute === minute) return known;
    if (known !== undefined) void flush(id, known);
    const fresh = {
      ...{ minute, requests: 0, encoderMs: 0, moreRequests: 0, moreMs: 0 },
      ...{ readAt: Number.NEGATIVE_INFINITY, flushing: null },
    };
    counts.set(id, fresh);
    return fresh;
  }

  async function write(id: string, count: Count): Promise<void> {
    const { moreRequests, moreMs } = count;
    count.moreRequests = 0;
    count.moreMs = 0;
    try {
      const [row] = await prisma.$queryRaw<{ requests: number; encoder_ms: number }[]>`
        INSERT INTO rate_window (key_id, minute, requests, encoder_ms)
        VALUES (${id}::uuid, ${new Date(count.minute)}::timestamptz, ${moreRequests}::int, ${moreMs}::float8)
        ON CONFLICT (key_id, minute) DO UPDATE SET requests = rate_window.requests + EXCLUDED.requests,
          encoder_ms = rate_window.encoder_ms + EXCLUDED.encoder_ms
        RETURNING requests, encoder_ms`;
      count.requests = row?.requests ?? 0;
      count.encoderMs = row?.encoder_ms ?? 0;
      count.readAt = performance.now();
    } catch (error) {
      count.moreRequests += moreRequests;
      count.moreMs += moreMs;
      log.warn({ err: error }, 'the use of a key could not be counted');
    }
  }

  function flush(id: string, count: Count): Promise<void> {
    count.flushing ??= write(id, count).finally(() => {
      count.flushing = null;
    });
    return count.flushing;
  }

  return {
    async take(caller) {
      const { id, limits } = caller ?? {};
      if (!id || !limits || (limits.requestsPerMinute === null && limits.encoderSecondsPerMinute === null))
        return null;
      const count = countOf(id);
      count.moreRequests += 1;
      if (performance.now() - count.readAt > FLUSH_MS) await flush(id, count);
      const state = stateOf(count, limits, now());
      const over = (left: number | null) => left !== null && left < 0;
      if (over(state.requestsLeft)) throw new RateLimitedError('requests', state.resetSeconds);
      if (state.encoderMsLeft !== null && state.encoderMsLeft <= 0) {
        throw new RateLimitedError('encoder time', state.resetSeconds);
      }
      return state;
    },
    spend(caller, encoderMs) {
      if (!caller?.id || !caller.limits) return;
      const count = countOf(caller.id);
      count.moreMs += encoderMs;
    },
    sweep: () =>
      prisma.rateWindow
        .deleteMany({ where: { minute: { lt: new Date(now() - 60 * MINUTE_MS) } } })
        .then(({ count }) => count),
    async close() {
      await Promise.all([...counts].map(([id, count]) => flush(id, count)));
    },
  };
}

function stateOf(count: Count, limits: NonNullable<Caller['limits']>, nowMs: number): RateState {
  const { requestsPerMinute, encoderSecondsPerMinute } = limits;
  const encoderMsLimit = encoderSecondsPerMinute === null ? null : encoderSecondsPerMinute * 1000;
  return {
    requestLimit: requestsPerMinute,
    requestsLeft: requestsPerMinute === null ? null : requestsPerMinute - count.requests - count.moreRequests,
    encoderMsLimit,
    encoderMsLeft: encoderMsLimit === null ? null : encoderMsLimit - count.encoderMs - count.moreMs,
    resetSeconds: Math.max(1, Math.ceil((count.minute + MINUTE_MS - nowMs) / 1000)),
  };
}
