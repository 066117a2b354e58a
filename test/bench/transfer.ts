// Photos in and out: how busy an import keeps the encoder, and what memory an import and an export take.
// `npm run bench -- transfer`.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createRandom,
  encodeJpeg,
  type Random,
  type RgbImage,
  resizeImage,
} from '../../packages/core/src/index.js';
import { textTable } from './statistics.js';

const usage = `npm run bench -- transfer [--photos 10000] [--goals]
Imports that many JPEGs of 224 px into a fresh embedded database with the bundled model, in a server process of its own,
then downloads them as a zip. With --goals it ends with an error where a goal is missed.`;

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '10000' },
    goals: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const GOALS = { encoderBusy: 0.85, importRssBytes: 1.5e9, exportGrowthBytes: 200e6 } as const;
const SIDE = 224;
const MB = 1e6;

interface Imported {
  readonly datasetId: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly rejected: number;
  readonly failed: number;
  readonly message: string | null;
  readonly seconds: number;
  readonly encoderSeconds: number;
  readonly busySeconds: number;
}

interface Memory {
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const photos = Number(values.photos);
  if (!Number.isInteger(photos) || photos < 1)
    throw new RangeError(`--photos: expected a whole number from 1`);
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-bench-'));
  try {
    await writePhotos(join(folder, 'photos'), photos);
    const failed = await measure(folder, photos);
    if (values.goals && failed) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const AT_ONCE = 50;
const GRAIN = 24;

const noise = (random: Random): RgbImage => ({
  width: GRAIN,
  height: GRAIN,
  data: Uint8Array.from({ length: GRAIN * GRAIN * 3 }, () => random.integer(256)),
});

/** Blurred noise with a grain of its own: none like another, and as many bytes as a photo of that size. */
async function writePhotos(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = createRandom('transfer');
  const make = async (i: number, coarse: RgbImage) => {
    const picture = await resizeImage(coarse, SIDE, SIDE);
    await writeFile(pathOf(i), await encodeJpeg(picture, 90));
  };
  const pathOf = (i: number) =>
    join(folder, String(Math.floor(i / 1000)), `${String(i).padStart(6, '0')}.jpg`);
  for (let start = 0; start < count; start += AT_ONCE) {
    if (start % 1000 === 0) await mkdir(join(pathOf(start), '..'), { recursive: true });
    const indices = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, i) => start + i);
    await Promise.all(indices.map((i) => make(i, noise(random))));
    process.stderr.write(`\rmade ${start + indices.length} of ${count} photos `);
  }
  process.stderr.write('\n');
}

/** @returns whether a goal was missed. */
async function measure(folder: string, photos: number): Promise<boolean> {
  const server = await startServer(join(folder, 'data'));
  try {
    const idle = (await server.ask({ mark: true })) as Memory;
    const { imported } = (await server.ask({ import: join(folder, 'photos') })) as { imported: Imported };
    const importing = (await server.ask({ mark: true })) as Memory;
    if (imported.state !== 'SUCCEEDED' || imported.done !== photos) {
      throw new Error(
        `the import ended ${imported.state} with ${imported.done} of ${photos}: ${imported.message}`,
      );
    }
    const started = performance.now();
    const bytes = await download(server.url, imported.datasetId);
    const seconds = (performance.now() - started) / 1000;
    const exporting = (await server.ask({ mark: true })) as Memory;
    const busy = imported.busySeconds / imported.encoderSeconds;
    const growth = exporting.peakRssBytes - importing.rssBytes;
    const rows = [
      row('encoder busy', percent(busy), `≥ ${percent(GOALS.encoderBusy)}`, busy >= GOALS.encoderBusy),
      row(
        'server memory, most during the import',
        megabytes(importing.peakRssBytes),
        `≤ ${megabytes(GOALS.importRssBytes)}`,
        importing.peakRssBytes <= GOALS.importRssBytes,
      ),
      row(
        'growth of memory during the export',
        megabytes(growth),
        `≤ ${megabytes(GOALS.exportGrowthBytes)}`,
        growth <= GOALS.exportGrowthBytes,
      ),
    ];
    const rate = (photos / imported.seconds).toFixed(1);
    console.log(`\n${photos} JPEGs of ${SIDE} px, embedded database, bundled model on the processor.`);
    console.log(`Import: ${imported.seconds.toFixed(0)} s, ${rate} photos a second.`);
    console.log(
      `Export: ${megabytes(bytes)} in ${seconds.toFixed(1)} s, ${megabytes(bytes / seconds)} a second.`,
    );
    console.log(
      `Memory: ${megabytes(idle.rssBytes)} idle, ${megabytes(importing.rssBytes)} after the import.\n`,
    );
    console.log(textTable([['', 'measured', 'goal', ''], ...rows.map(({ cells }) => cells)]));
    return rows.some(({ met }) => !met);
  } finally {
    await server.stop();
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`;
const row = (what: string, measured: string, goal: string, met: boolean) => ({
  cells: [what, measured, goal, met ? 'met' : 'missed'],
  met,
});

/** Reads the whole archive and keeps nothing. @returns its length. */
async function download(url: string, datasetId: string): Promise<number> {
  const id = Buffer.from(`Dataset:${datasetId}`).toString('base64');
  const response = await fetch(`${url}/exports/${encodeURIComponent(id)}.zip`);
  if (!response.ok || response.body === null) throw new Error(`the export answered ${response.status}`);
  let bytes = 0;
  for await (const chunk of response.body) bytes += (chunk as Uint8Array).byteLength;
  return bytes;
}

async function startServer(dataDir: string) {
  const script = fileURLToPath(new URL('./transfer-server.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', script, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ask = conversation(child);
  const { url } = (await ask(null)) as { url: string };
  return {
    url,
    ask,
    async stop() {
      const ended = new Promise((done) => child.once('exit', done));
      child.stdin?.write(`${JSON.stringify({ end: true })}\n`);
      await ended;
    },
  };
}

/** One JSON line out, one JSON line back; null only waits for the next line. */
function conversation(child: ChildProcess): (request: object | null) => Promise<unknown> {
  if (!child.stdout || !child.stdin) throw new Error('server: no pipes');
  const { stdin } = child;
  const waiting: { resolve: (line: unknown) => void; reject: (reason: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on('close', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the server ended with ${code}`));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (request !== null) stdin.write(`${JSON.stringify(request)}\n`);
    });
}

await main();
