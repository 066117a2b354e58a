import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createWindow, type Percentiles } from './window.js';

export type EncoderKind = 'text' | 'picture';

export interface OperationStat extends Percentiles {
  readonly field: string;
  readonly count: number;
  readonly errors: number;
}

export interface EncoderStat {
  /** Share of the time since the start in which it was at work. */
  readonly busyShare: number;
  readonly batches: number;
  /** Items of a batch, on average; null before the first. */
  readonly meanBatch: number | null;
  readonly waiting: number;
}

/** What this process measures of itself: for Prometheus, and for the page of the dashboard. */
export interface Metrics {
  readonly registry: Registry;
  readonly since: Date;
  operation(field: string, ms: number, failed: boolean): void;
  request(route: string, status: number, ms: number): void;
  /** Runs a batch of the encoder and counts it. */
  batch<T>(kind: EncoderKind, items: number, run: () => Promise<T>): Promise<T>;
  waiting(kind: EncoderKind, change: number): number;
  recall(share: number): void;
  operations(): OperationStat[];
  encoder(): EncoderStat;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'freestyle_' });
  const registers = [registry];
  const durations = new Histogram({
    ...{ registers, name: 'freestyle_operation_seconds', buckets: SECONDS },
    help: 'Time of GraphQL operations by their first root field.',
    labelNames: ['field', 'outcome'],
  });
  const requests = new Histogram({
    ...{ registers, name: 'freestyle_http_request_seconds', buckets: SECONDS },
    help: 'Time of HTTP requests by route.',
    labelNames: ['route', 'status'],
  });
  const batches = new Histogram({
    ...{ registers, name: 'freestyle_encoder_batch_items', buckets: [1, 2, 4, 8, 16, 32, 64] },
    help: 'Items of a batch of the query encoder.',
    labelNames: ['kind'],
  });
  const busy = new Counter({
    ...{ registers, name: 'freestyle_encoder_busy_seconds_total' },
    help: 'Time in which the query encoder was at work.',
    labelNames: ['kind'],
  });
  const queued = new Gauge({
    ...{ registers, name: 'freestyle_encoder_waiting_items' },
    help: 'Items that wait for the query encoder or are in it.',
    labelNames: ['kind'],
  });
  const recalls = new Histogram({
    ...{ registers, name: 'freestyle_search_recall', buckets: [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1] },
    help: 'Share of the exact first hits that approximate searches found, of a sample.',
  });
  const known = new Map<string, { count: number; errors: number; window: ReturnType<typeof createWindow> }>();
  const inside: Record<EncoderKind, number> = { text: 0, picture: 0 };
  const since = new Date();
  const total = { batches: 0, items: 0, busyMs: 0, running: 0, runningSince: 0 };
  return {
    registry,
    since,
    operation(field, ms, failed) {
      durations.observe({ field, outcome: failed ? 'error' : 'ok' }, ms / 1000);
      const entry = known.get(field) ?? { count: 0, errors: 0, window: createWindow() };
      entry.count += 1;
      entry.errors += failed ? 1 : 0;
      entry.window.add(ms);
      known.set(field, entry);
    },
    request: (route, status, ms) => requests.observe({ route, status: String(status) }, ms / 1000),
    async batch(kind, items, run) {
      const started = performance.now();
      if (total.running === 0) total.runningSince = started;
      total.running += 1;
      try {
        return await run();
      } finally {
        const ended = performance.now();
        total.running -= 1;
        if (total.running === 0) total.busyMs += ended - total.runningSince;
        total.batches += 1;
        total.items += items;
        batches.observe({ kind }, items);
        busy.inc({ kind }, (ended - started) / 1000);
      }
    },
    waiting(kind, change) {
      inside[kind] += change;
      queued.set({ kind }, inside[kind]);
      return inside[kind];
    },
    recall: (share) => recalls.observe(share),
    operations: () =>
      [...known]
        .map(([field, { count, errors, window }]) => ({ field, count, errors, ...window.percentiles() }))
        .sort((a, b) => b.count - a.count),
    encoder() {
      const now = performance.now();
      const busyMs = total.busyMs + (total.running > 0 ? now - total.runningSince : 0);
      return {
        busyShare: Math.min(1, busyMs / Math.max(1, Date.now() - since.getTime())),
        batches: total.batches,
        meanBatch: total.batches === 0 ? null : total.items / total.batches,
        waiting: inside.text + inside.picture,
      };
    },
  };
}
