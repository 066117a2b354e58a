// What finding photos costs beside the encoder: the server's own search over 1,000 to 100,000 photos, with and without
// filters, its recall, and how fast photos come in while their index is alive. `npm run bench -- search`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuseQuery } from '@freestyle/core';
import { pino } from 'pino';
import { filterConditions } from '../../apps/api/src/modules/photo/filter-sql.js';
import { findPage, type PageQuery } from '../../apps/api/src/modules/search/find/find-page.js';
import { createSearchRepository } from '../../apps/api/src/modules/search/find/repository.js';
import { createVectorIndex } from '../../apps/api/src/modules/search/find/vector-index.js';
import { type Database, openDatabase } from '../../apps/api/src/platform/database/open-database.js';
import { drawGallery, FILTERS, fillRows, type SearchGallery } from './search-gallery.js';
import { openPeers } from './search-peers.js';
import { median, textTable } from './statistics.js';

const usage = `npm run bench -- search [--photos 1000,10000,100000] [--queries 50] [--dimensions 256] [--database URL]
Times the search of the server, one query at a time, without the encoder and HTTP. Without a URL the embedded database
is used. hnswlib and LanceDB take part where they are installed.`;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '1000,10000,100000' },
    queries: { type: 'string', default: '50' },
    dimensions: { type: 'string', default: '256' },
    database: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly photos: number;
  readonly what: string;
  readonly times: readonly number[];
  readonly recall: number;
  readonly exactness: string;
}

const quantile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(share * times.length))] ??
  Number.NaN;

/** Share of the ten that an exact scan finds. */
const recallOf = (found: readonly string[], exact: readonly string[]): number =>
  exact.length === 0 ? 1 : exact.filter((one) => found.includes(one)).length / exact.length;

async function measure(database: Database, spaceId: number, gallery: SearchGallery): Promise<Row[]> {
  const repository = createSearchRepository(database.prisma, database.pool);
  const index = createVectorIndex(database.prisma);
  const rows: Row[] = [];
  const kinds: [string, readonly string[] | null][] = [['everything', null], ...Object.entries(FILTERS)];
  for (const [what, classes] of kinds) {
    const times: number[] = [];
    const recalls: number[] = [];
    const told = new Map<string, number>();
    // The first five warm caches and are not counted.
    for (const [i, vector] of gallery.queries.entries()) {
      const query = pageQuery(vector, spaceId, gallery.dimensions, classes);
      const started = performance.now();
      const segments = await index.segments(spaceId);
      const found = await findPage(
        repository,
        query,
        segments.length > 0 ? segments : null,
        0,
        async () => true,
      );
      const ms = performance.now() - started;
      if (i < 5) continue;
      times.push(ms);
      told.set(found.exactness, (told.get(found.exactness) ?? 0) + 1);
      const exact = await findPage(repository, query, null, 0, async () => true);
      const names = ({ hits }: typeof found) => hits.slice(0, 10).map(({ imageId }) => imageId);
      recalls.push(recallOf(names(found), names(exact)));
    }
    const recall = recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
    const exactness = [...told.keys()].join(', ');
    rows.push({ photos: gallery.vectors.length, what, times, recall, exactness });
  }
  return rows;
}

function pageQuery(
  vector: Float32Array,
  spaceId: number,
  dimensions: number,
  classes: readonly string[] | null,
): PageQuery {
  const fused = fuseQuery([
    { vector, weight: 1, negative: false, calibration: { mean: 0, deviation: 0.06 } },
  ]);
  return {
    ...{ spaceId, dimensions, fused, terms: fused.terms, words: [], floor: null, wordsOnly: false },
    ...{ snapshot: null, datasetIds: null, except: [], after: null, limit: 25, collapse: 'SAME_CONTENT' },
    conditions: filterConditions(classes === null ? {} : { classes }, spaceId),
    order: { by: 'RELEVANCE', descending: true },
  };
}

async function measurePeers(gallery: SearchGallery): Promise<{ rows: string[][]; missing: string[] }> {
  const exact = gallery.queries.map((query) => nearest(query, gallery.vectors));
  const { peers, missing } = await openPeers(gallery);
  const rows: string[][] = [];
  for (const peer of peers) {
    const times: number[] = [];
    const recalls: number[] = [];
    for (const [i, query] of gallery.queries.entries()) {
      const started = performance.now();
      const found = await peer.search(query);
      if (i < 5) continue;
      times.push(performance.now() - started);
      recalls.push(recallOf(found.map(String), (exact[i] ?? []).map(String)));
    }
    rows.push(
      line(gallery.vectors.length, peer.name, times, recalls.reduce((a, b) => a + b, 0) / recalls.length, ''),
    );
    rows.push([String(gallery.vectors.length), `${peer.name}: rows/s`, peer.fillRate.toFixed(0), '', '', '']);
    await peer.close();
  }
  return { rows, missing };
}

function nearest(query: Float32Array, vectors: readonly Float32Array[]): number[] {
  const scored = vectors.map((vector, n) => ({
    n,
    score: vector.reduce((sum, v, d) => sum + v * (query[d] ?? 0), 0),
  }));
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, 10)
    .map(({ n }) => n);
}

const line = (
  photos: number,
  what: string,
  times: readonly number[],
  recall: number,
  exactness: string,
): string[] => [
  String(photos),
  what,
  median(times).toFixed(1),
  quantile(times, 0.95).toFixed(1),
  recall.toFixed(3),
  exactness,
];

async function bench(photos: number): Promise<void> {
  const gallery = drawGallery(photos, Number(values.dimensions), Number(values.queries) + 5);
  const dataDir = await mkdtemp(join(tmpdir(), 'freestyle-bench-search-'));
  const database = await openDatabase({ dataDir, databaseUrl: values.database }, pino({ level: 'silent' }));
  try {
    const { prisma, pool } = database;
    const { id: datasetId } = await prisma.dataset.create({ data: { name: `bench ${Date.now()}` } });
    const space = { spaceHash: `bench ${Date.now()}`, modelName: 'bench', dimensions: gallery.dimensions };
    const { id: spaceId } = await prisma.embeddingSpace.create({ data: space });
    const index = createVectorIndex(prisma);
    // Nine tenths, their index, and then the rest while it is alive.
    const most = { ...gallery, vectors: gallery.vectors.slice(0, Math.floor(photos * 0.9)) };
    await fillRows(pool, most, { datasetId, spaceId, from: 0 });
    const building = performance.now();
    await index.extend(spaceId, gallery.dimensions);
    const buildMs = performance.now() - building;
    const rate = await fillRows(pool, gallery, { datasetId, spaceId, from: most.vectors.length });
    const extending = performance.now();
    await index.extend(spaceId, gallery.dimensions);
    const extendMs = performance.now() - extending;
    await pool.query('ANALYZE image, embedding');
    const pieces = (await index.segments(spaceId)).length;
    console.log(
      `${photos} photos: index of ${most.vectors.length} in ${(buildMs / 1000).toFixed(1)} s; then ${rate.toFixed(0)} rows/s ` +
        `came in while it was alive; taking them in ${(extendMs / 1000).toFixed(1)} s; ${pieces} pieces.`,
    );
    const rows = await measure(database, spaceId, gallery);
    const peers = await measurePeers(gallery);
    const own = rows.map(({ what, times, recall, exactness }) =>
      line(photos, `ours, ${what}`, times, recall, exactness),
    );
    console.log(
      textTable([['photos', 'search', 'p50 ms', 'p95 ms', 'recall@10', 'told'], ...own, ...peers.rows]),
    );
    if (peers.missing.length > 0) console.log(`Not installed: ${peers.missing.join(', ')}.`);
    if (values.database !== undefined) await prisma.dataset.delete({ where: { id: datasetId } });
  } finally {
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (values.help) console.log(usage);
else for (const photos of values.photos.split(',').map(Number)) await bench(photos);
