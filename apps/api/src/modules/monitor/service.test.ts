import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createMetrics } from '../../platform/telemetry/metrics.js';
import type { SearchHit, SearchResult } from '../search/result.js';
import { createMonitorService } from './service.js';

const monitor = (recallSample: number) =>
  createMonitorService({
    metrics: createMetrics(),
    repository: {
      jobs: async () => [{ lane: 'io', state: 'QUEUED', count: 2 }],
      withoutVector: async () => 3,
    },
    log: pino({ level: 'silent' }),
    recallSample,
    spaceId: () => 1,
    random: () => 0.5,
  });

const search = (ranks: readonly number[], exactness: SearchResult['exactness'] = 'APPROXIMATE') =>
  ({
    exactness,
    hasPreviousPage: false,
    hits: ranks.map((rank) => ({ exactRank: async () => rank }) as unknown as SearchHit),
  }) as unknown as SearchResult;

const settled = () => new Promise((done) => setTimeout(done, 5));

it('recall is the share of the exact first hits that were shown, of approximate searches in the sample', async () => {
  const service = monitor(1);
  service.searched(search([1, 2, 5, 9]));
  await settled();
  service.searched(search([1, 2, 3, 4]));
  service.searched(search([1, 2], 'EXACT'));
  await settled();
  expect((await service.report()).recall).toMatchObject({ samples: 2, mean: 0.75, least: 0.5 });
});

it('nothing is sampled where nobody allowed it', async () => {
  const service = monitor(0);
  service.searched(search([1, 2, 5, 9]));
  await settled();
  const { recall } = await service.report();
  expect(recall).toMatchObject({ samples: 0, mean: null });
  expect(recall.advice).toContain('FREESTYLE_RECALL_SAMPLE');
});

it('tells Prometheus of queues and of photos that cannot be found', async () => {
  const { body, type } = await monitor(0).text();
  expect(type).toContain('text/plain');
  expect(body).toContain('freestyle_jobs{lane="io",state="QUEUED"} 2');
  expect(body).toContain('freestyle_photos_without_vector 3');
  expect(body).toContain('freestyle_process_resident_memory_bytes');
});
