// How long a text search takes while a training runs, against an idle server. `npm run bench -- jobs`.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writePatches } from '../../apps/api/src/testing/pictures.js';
import { median, textTable } from './statistics.js';

const usage = `npm run bench -- jobs [--photos 500] [--searches 150] [--rounds 5] [--all] [--goal 2]
Imports that many photos into a fresh embedded database with the bundled model, then times text searches over HTTP, one
every 50 ms, in rounds: idle, then while the compute process trains the small image encoder. With --all it also trains
with other priorities and threads than the product does. Ends with an error where the 95th percentile under the
product's training is more than the goal times that of the idle server of the same round.`;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '500' },
    searches: { type: 'string', default: '150' },
    rounds: { type: 'string', default: '5' },
    all: { type: 'boolean', default: false },
    goal: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

/** Ways to train. The first is the product's own. */
const WAYS: Readonly<Record<string, object>> = {
  'as the product trains': {},
  'priority as the server’s': { niceness: 0 },
  'lowest priority': { niceness: 19 },
  'one thread a core': { threads: 2 },
  'one thread a core, priority as the server’s': { threads: 2, niceness: 0 },
};
const PAUSE_MS = 50;
const WARM_UP = 20;
const WORDS = ['red', 'a dog on grass', 'blue sky', 'two people', 'a yellow bus', 'night', 'a bowl of fruit'];

interface Round {
  readonly p50: number;
  readonly p95: number;
  readonly stepsPerSecond: number;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-bench-'));
  const server = await startServer(join(folder, 'data'));
  try {
    await writePatches(join(folder, 'photos'), Number(values.photos));
    await server.ask({ import: join(folder, 'photos') });
    await times(server.url, WARM_UP);
    const ways = values.all ? Object.entries(WAYS) : Object.entries(WAYS).slice(0, 1);
    const idle: Round[] = [];
    const trained = new Map(ways.map(([name]) => [name, [] as Round[]]));
    for (let round = 0; round < Number(values.rounds); round++) {
      idle.push(await measure(server.url, null));
      for (const [name, train] of ways) {
        await server.ask({ train });
        const busy = await measure(server.url, () => server.ask({ stop: true }));
        trained.get(name)?.push(busy);
      }
    }
    report(idle, trained);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(url: string, stop: (() => Promise<unknown>) | null): Promise<Round> {
  const all = (await times(url, Number(values.searches))).sort((a, b) => a - b);
  const { steps = 0, seconds = 1 } = ((await stop?.()) ?? {}) as { steps?: number; seconds?: number };
  return {
    p50: median(all),
    p95: all[Math.floor(all.length * 0.95)] ?? Number.NaN,
    stepsPerSecond: steps / seconds,
  };
}

const SEARCH = `query ($text: String!) { search(query: { all: [{ text: $text }] }, first: 20) { edges { node { id } } } }`;

/** Milliseconds of searches, one after another with a pause between. */
async function times(url: string, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const text = `${WORDS[i % WORDS.length]} ${i}`;
    const started = performance.now();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: SEARCH, variables: { text } }),
    });
    const answer = (await response.json()) as { errors?: unknown };
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    found.push(performance.now() - started);
    await sleep(PAUSE_MS);
  }
  return found;
}

function report(idle: readonly Round[], trained: ReadonlyMap<string, readonly Round[]>): void {
  const milliseconds = (rounds: readonly Round[], key: 'p50' | 'p95') =>
    median(rounds.map((round) => round[key])).toFixed(1);
  // Each round against the idle one right before it.
  const ratio = (rounds: readonly Round[]) =>
    median(rounds.map(({ p95 }, i) => p95 / (idle[i]?.p95 ?? Number.NaN)));
  const rows = [...trained].map(([name, rounds]) => [
    name,
    milliseconds(rounds, 'p50'),
    milliseconds(rounds, 'p95'),
    ratio(rounds).toFixed(2),
    median(rounds.map(({ stepsPerSecond }) => stepsPerSecond)).toFixed(2),
  ]);
  console.log(
    `\n${values.photos} photos, ${values.rounds} rounds of ${values.searches} text searches; ms, medians of rounds.\n`,
  );
  console.log(
    textTable([
      ['while training', 'p50', 'p95', 'p95 / idle', 'steps/s'],
      ['idle', milliseconds(idle, 'p50'), milliseconds(idle, 'p95'), '1.00', '-'],
      ...rows,
    ]),
  );
  const [, own = []] = [...trained][0] ?? [];
  if (ratio(own) > Number(values.goal)) process.exitCode = 1;
}

async function startServer(dataDir: string) {
  const script = fileURLToPath(new URL('./jobs-server.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('server: no pipes');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the server ended');
    return JSON.parse(value) as Record<string, unknown>;
  };
  const { url } = await read();
  return {
    url: String(url),
    async ask(request: object): Promise<Record<string, unknown>> {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      return read();
    },
    async stop() {
      const ended = new Promise((done) => child.once('exit', done));
      child.stdin?.write(`${JSON.stringify({ end: true })}\n`);
      await ended;
    },
  };
}

await main();
