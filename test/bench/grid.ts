// How long the server takes for the grid of a large dataset: the first photos and a page deep in, at every kind of
// filter. `npm run bench -- grid`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { createServer, type RunningServer } from '../../apps/api/src/create-server.js';
import { openDatabase } from '../../apps/api/src/platform/database/open-database.js';
import { createTestEncoder } from '../../apps/api/src/testing/test-encoder.js';
import { fillGallery, type Gallery } from './fill-gallery.js';
import { median, textTable } from './statistics.js';

const usage = `npm run bench -- grid [--photos 100000] [--rounds 5] [--page 60] [--goal 300] [--database URL]
Fills a database with rows (no files) and times the GraphQL endpoint. Without a URL the embedded database is used.
Ends with an error where a page takes longer than the goal, in milliseconds.`;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    page: { type: 'string', default: '60' },
    goal: { type: 'string', default: '300' },
    database: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const FILTERS: Readonly<Record<string, object>> = {
  none: {},
  'split: val': { splits: ['val'] },
  'class: one of 120': { classes: ['class 77'] },
  'class: none': { classes: [''] },
  'tag: one of 30': { tags: ['tag 12'] },
  'tag: on 1 of 1000': { tags: ['rare'] },
  'tag: none': { tags: [''] },
  'style: sketch': { styles: ['sketch'] },
  'style: on 1 of 2000': { styles: ['rare'] },
  'style: nowhere': { styles: ['unheard of'] },
  'without sketch': { withoutStyles: ['sketch'] },
  'without any query': { styles: [''] },
  'state: indexed': { states: ['INDEXED'] },
  'state: unindexed': { states: ['UNINDEXED'] },
  'state: deleted': { states: ['DELETED'] },
  'side from 1050': { minSide: 1050 },
  'side to 210': { maxSide: 210 },
  'last day': { createdAfter: '2026-03-10T00:00:00Z' },
  'caption: dog': { caption: 'Dog' },
  'caption: in one photo': { caption: 'number 99998' },
  'caption: nowhere': { caption: 'zebra' },
  'file name: nowhere': { fileName: 'zebra' },
  'no caption': { hasCaption: false },
  'near-duplicate': { nearDuplicate: true },
  'no near-duplicate': { nearDuplicate: false },
  'val, no sketch, dog': { splits: ['val'], withoutStyles: ['sketch'], caption: 'dog' },
};

const PAGE = `query ($id: ID!, $filter: ImageFilter, $first: Int, $last: Int, $offset: Int) {
  dataset(id: $id) { images(filter: $filter, first: $first, last: $last, offset: $offset) {
    edges { node { id fileName width height class split tags thumbnailUrl } } pageInfo { endCursor hasNextPage } } } }`;
const COUNT = `query ($id: ID!, $filter: ImageFilter) {
  dataset(id: $id) { images(filter: $filter, first: 0) { totalCount } } }`;
const FACETS = `query ($id: ID!, $filter: ImageFilter) { dataset(id: $id) { facets(filter: $filter) {
  splits { value count } classes { value count } tags { value count } styles { value count } states { value count } } } }`;
const STATISTICS = `query ($id: ID!, $filter: ImageFilter) { dataset(id: $id) { statistics(filter: $filter) {
  imageCount sides { from to count } captionLengths { from to count } } } }`;

interface Answer {
  readonly data?: { dataset: { images?: { totalCount?: number } } };
  readonly errors?: unknown;
}

async function ask(url: string, query: string, variables: object): Promise<{ ms: number; answer: Answer }> {
  const started = performance.now();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as Answer;
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return { ms: performance.now() - started, answer };
}

async function timed(url: string, query: string, variables: object, rounds: number): Promise<number> {
  const times: number[] = [];
  // The first one fills caches and is not counted.
  for (let round = -1; round < rounds; round++) {
    const { ms } = await ask(url, query, variables);
    if (round >= 0) times.push(ms);
  }
  return median(times);
}

interface Row {
  readonly name: string;
  readonly total: number;
  readonly first: number;
  readonly deep: number;
  readonly last: number;
  readonly count: number;
}

async function measure(server: RunningServer, { datasetId }: Gallery, rounds: number): Promise<Row[]> {
  const id = Buffer.from(`Dataset:${datasetId}`).toString('base64');
  const size = Number(values.page);
  const rows: Row[] = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    const { answer } = await ask(server.url, COUNT, { id, filter });
    const total = answer.data?.dataset.images?.totalCount ?? 0;
    const offset = Math.max(0, Math.floor(total * 0.9) - size);
    const page = (more: object) => timed(server.url, PAGE, { id, filter, ...more }, rounds);
    rows.push({
      name,
      total,
      first: await page({ first: size }),
      deep: await page({ first: size, offset }),
      last: await page({ last: size }),
      count: await timed(server.url, COUNT, { id, filter }, rounds),
    });
    process.stderr.write(`\r${rows.length} of ${Object.keys(FILTERS).length} filters `);
  }
  process.stderr.write('\n');
  for (const [name, query] of Object.entries({ facets: FACETS, statistics: STATISTICS })) {
    const ms = await timed(server.url, query, { id, filter: {} }, Math.min(3, rounds));
    console.log(`${name} of all photos: ${ms.toFixed(0)} ms`);
  }
  return rows;
}

const options = (dataDir: string) => ({
  dataDir,
  databaseUrl: values.database,
  model: createTestEncoder(),
  port: 0,
  settings: { databaseUrl: undefined, adminToken: undefined, trustLoopback: false, logLevel: 'error' },
});

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'freestyle-bench-'));
  try {
    // Once without photos, so that the embedding space is there.
    const empty = await createServer(options(dataDir));
    await empty.modelReady;
    await empty.close();
    const database = await openDatabase({ dataDir, databaseUrl: values.database }, pino({ level: 'error' }));
    const gallery = await fillGallery(database.pool, Number(values.photos));
    await database.close();
    const server = await createServer(options(dataDir));
    await server.modelReady;
    const rows = await measure(server, gallery, Number(values.rounds));
    await server.close();
    report(rows, database.kind);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function report(rows: readonly Row[], kind: string): void {
  const ms = (value: number) => value.toFixed(0);
  const table = rows.map(({ name, total, first, deep, last, count }) => [
    name,
    String(total),
    ...[first, deep, last, count].map(ms),
  ]);
  console.log(
    `Pages of ${values.page} from ${values.photos} photos, ${kind} database; medians of ${values.rounds}, ms.\n`,
  );
  console.log(textTable([['filter', 'photos', 'first', 'at 90 %', 'last', 'count'], ...table]));
  const goal = Number(values.goal);
  const slow = rows.filter(({ first, deep, last }) => Math.max(first, deep, last) > goal);
  if (slow.length === 0) return;
  console.log(`\nOver ${goal} ms: ${slow.map(({ name }) => name).join('; ')}.`);
  process.exitCode = 1;
}

await main();
