import type { Logger } from 'pino';
import type { EncoderStat, Metrics, OperationStat } from '../../platform/telemetry/metrics.js';
import type { SearchResult } from '../search/result.js';
import type { JobCount, MonitorRepository } from './repository.js';

/** What was found out about approximate searches. */
export interface RecallStat {
  /** Share of searches that are ranked exactly as well; 0 where nobody allowed it. */
  readonly sampledShare: number;
  readonly samples: number;
  /** Null before the first. */
  readonly mean: number | null;
  readonly least: number | null;
  /** What to do about it, in a sentence. */
  readonly advice: string;
}

export interface MonitorReport {
  readonly since: Date;
  readonly operations: readonly OperationStat[];
  readonly encoder: EncoderStat;
  readonly jobs: readonly JobCount[];
  readonly photosWithoutVector: number | null;
  readonly recall: RecallStat;
  readonly memoryBytes: number;
}

export interface MonitorService {
  report(): Promise<MonitorReport>;
  /** Is told of a search. Of those that the sample takes and the index answered, it is found out afterwards how many of
   *  the exact first hits were among those that were shown; the figure alone is kept. */
  searched(result: SearchResult): void;
  /** For Prometheus. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
}

export interface MonitorParts {
  readonly metrics: Metrics;
  readonly repository: MonitorRepository;
  readonly log: Logger;
  /** 0 to 1; 0 keeps nothing. */
  readonly recallSample: number;
  spaceId(): number | null;
  readonly random?: () => number;
}

const SAMPLES = 500;
const LOOKED_AT = 10;
const FRESH_MS = 20_000;
const GOOD = 0.95;

export function createMonitorService(parts: MonitorParts): MonitorService {
  const { metrics, repository, log, recallSample, spaceId, random = Math.random } = parts;
  const recalls: number[] = [];
  let sampling = false;
  let missing: { at: number; count: Promise<number> } | null = null;

  function withoutVector(): Promise<number> | null {
    const space = spaceId();
    if (space === null) return null;
    if (missing === null || performance.now() - missing.at > FRESH_MS) {
      missing = { at: performance.now(), count: repository.withoutVector(space) };
      missing.count.catch(() => {
        missing = null;
      });
    }
    return missing.count;
  }

  return {
    async report() {
      return {
        since: metrics.since,
        operations: metrics.operations(),
        encoder: metrics.encoder(),
        jobs: await repository.jobs(),
        photosWithoutVector: await withoutVector(),
        recall: recallOf(recalls, recallSample),
        memoryBytes: process.memoryUsage().rss,
      };
    },
    searched(result) {
      const first = result.hits.slice(0, LOOKED_AT);
      if (sampling || result.exactness !== 'APPROXIMATE' || first.length === 0 || result.hasPreviousPage)
        return;
      if (random() >= recallSample) return;
      // One at a time: an exact ranking looks at every photo.
      sampling = true;
      Promise.all(first.map((hit) => hit.exactRank()))
        .then((ranks) => {
          const found = ranks.filter((rank) => rank !== null && rank <= first.length).length / first.length;
          metrics.recall(found);
          recalls.push(found);
          if (recalls.length > SAMPLES) recalls.shift();
        })
        .catch((error: unknown) => log.warn({ err: error }, 'a search could not be ranked exactly'))
        .finally(() => {
          sampling = false;
        });
    },
    async text() {
      const [jobs, photos] = [await repository.jobs(), await withoutVector()];
      const lines = [
        '# HELP freestyle_jobs Jobs that have something to do yet.',
        '# TYPE freestyle_jobs gauge',
        ...jobs.map(({ lane, state, count }) => `freestyle_jobs{lane="${lane}",state="${state}"} ${count}`),
        '# HELP freestyle_photos_without_vector Photos that the live model cannot find.',
        '# TYPE freestyle_photos_without_vector gauge',
        ...(photos === null ? [] : [`freestyle_photos_without_vector ${photos}`]),
      ];
      const { registry } = metrics;
      return { type: registry.contentType, body: `${await registry.metrics()}\n${lines.join('\n')}\n` };
    },
  };
}

function recallOf(recalls: readonly number[], sampledShare: number): RecallStat {
  const mean = recalls.length === 0 ? null : recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
  const least = recalls.length === 0 ? null : Math.min(...recalls);
  return { sampledShare, samples: recalls.length, mean, least, advice: adviceOn(mean, sampledShare) };
}

function adviceOn(mean: number | null, sampledShare: number): string {
  if (sampledShare === 0) {
    return 'Nothing is sampled. FREESTYLE_RECALL_SAMPLE=0.02 has two in a hundred searches ranked exactly as well.';
  }
  if (mean === null)
    return 'No search was answered through the index yet: small galleries are ranked exactly.';
  if (mean >= GOOD) return 'The index finds what an exact ranking finds: hnsw.ef_search is large enough.';
  return `The index misses ${Math.round((1 - mean) * 100)} of 100 first hits: ask for deeper pages, which raise hnsw.ef_search, or build the index anew after large deletions.`;
}
