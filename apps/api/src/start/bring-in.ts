import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeDemoGallery } from '@freestyle/scenes';
import type { RunningServer } from '../create-server.js';
import { NO_TALLY, type Tally } from '../modules/ledger/repository.js';
import type { Job } from '../platform/jobs/job-repository.js';
import { type ConsoleProgress, count, duration } from './console-progress.js';
import { StartProblem } from './start-problem.js';

export interface BringInOptions {
  readonly folder: string | null;
  readonly dataDir: string;
  readonly progress: ConsoleProgress;
  readonly signal: AbortSignal;
}

/** Imports what the start was given: the folder, or the demo gallery where nothing is there yet. Else shows what an
 *  earlier run left unfinished. @throws {StartProblem} if nothing could be taken. */
export async function bringIn(server: RunningServer, options: BringInOptions): Promise<void> {
  const { folder } = options;
  if (folder !== null) return importFolder(server, folder, undefined, options);
  if ((await server.services.datasets.count()) > 0) return showUnfinished(server, options);
  const gallery = await makeDemo(options);
  await importFolder(server, gallery, 'Demo gallery', options);
  if (options.signal.aborted) return;
  await beginStyleSpace(server);
  await evaluateDemo(server);
}

/** Enough for intervals that say something, few enough to be done while a visitor looks around. */
const DEMO_QUERIES_A_STYLE = 60;

/** Judges the live model and its plain tower in the background: so that the first visitor of the evaluations finds two to
 *  compare. */
async function evaluateDemo({ services }: RunningServer): Promise<void> {
  const { model } = await services.models.ready;
  const [demo] = await services.datasets.page(FIRST_ROW);
  const encoders = (await services.evaluations.encoders()).filter((one) => one.model === model.name);
  if (demo === undefined) return;
  for (const { id } of encoders) {
    await services.evaluations.evaluate({
      ...{ datasetId: demo.id, versionId: null, encoder: id, name: null, startedBy: 'start' },
      options: { perStyle: DEMO_QUERIES_A_STYLE },
    });
  }
}

/** So that a first visitor sees styles: built behind everything else, from as many pictures as take a minute. */
const DEMO_PICTURES = 600;

async function beginStyleSpace({ services }: RunningServer): Promise<void> {
  const [dataset] = await services.datasets.page(FIRST_ROW);
  if (dataset === undefined) return;
  await services.styleSpaces.build({
    ...{ datasetId: dataset.id, versionId: null, name: null, source: 'BOTH', most: DEMO_PICTURES },
    // The paper's number; the suggested one is shown beside it.
    ...{ k: 4, seed: 0, startedBy: null },
  });
}

async function makeDemo({ dataDir, progress, signal }: BringInOptions): Promise<string> {
  const folder = join(dataDir, 'demo-gallery');
  const started = Date.now();
  progress.line('No folder was given: a gallery of drawn scenes is made to try things with.');
  await writeDemoGallery(folder, {
    signal,
    onProgress(done, total) {
      const ratePerSecond = done / ((Date.now() - started) / 1000);
      const secondsLeft = (total - done) / ratePerSecond;
      progress.show({ title: 'Drawing scenes', done, total, ratePerSecond, secondsLeft });
    },
  });
  return folder;
}

async function importFolder(
  server: RunningServer,
  path: string,
  name: string | undefined,
  options: BringInOptions,
): Promise<void> {
  const job = await server.importFolder(path, name === undefined ? {} : { name });
  const last = await showJob(server, job.watch(options.signal), `Importing ${job.datasetName}`, options);
  if (last === null) return;
  const { rejected, failed } = await tallyOf(server, last);
  // Such an import has failed too; its first file says more than that.
  if (
    last.state !== 'CANCELLED' &&
    last.total === last.done &&
    last.done > 0 &&
    last.done === rejected + failed
  ) {
    const first = (await server.services.ledger.rejects(last.id, FIRST_ROW)).at(0);
    const example = first ? ` (${first.path}: ${first.reason ?? first.code})` : '';
    throw new StartProblem(
      `there is no usable photo in ${path}: all ${count(last.done)} files were refused${example}.`,
    );
  }
  if (last.state === 'FAILED') throw new StartProblem(last.message ?? `the import of ${path} failed.`);
}

const FIRST_ROW = { after: null, before: null, limit: 1, inverted: false };
// An import that a killed run left begins by itself, as does what a new model has to encode.
const SETTLE_MS = 500;

async function showUnfinished(server: RunningServer, options: BringInOptions): Promise<void> {
  await sleep(SETTLE_MS, undefined, { signal: options.signal }).catch(() => {});
  if (options.signal.aborted) return;
  const jobs = await server.services.jobs.page(
    { states: ['QUEUED', 'RUNNING'] },
    { ...FIRST_ROW, limit: 20 },
  );
  for (const job of jobs.reverse()) {
    const title = `Going on: ${server.services.jobs.words(job).title}`;
    await showJob(server, server.services.jobs.watch(job.id, options.signal), title, options);
  }
}

/** @returns the finished job, or null if the program is to end before. */
async function showJob(
  server: RunningServer,
  states: AsyncGenerator<Job>,
  title: string,
  { progress, signal }: BringInOptions,
): Promise<Job | null> {
  let last: Job | null = null;
  for await (const job of states) {
    last = job;
    progress.show({ ...job, title });
  }
  if (last === null || signal.aborted || last.finishedAt === null) return null;
  const { unit } = server.services.jobs.words(last);
  progress.line(`  ${title}: ${summary(last, await tallyOf(server, last), unit)}`);
  return last;
}

const tallyOf = async ({ services }: RunningServer, { id }: Job): Promise<Tally> =>
  (await services.ledger.tallies([id])).get(id) ?? NO_TALLY;

function summary(job: Job, { rejected, failed, duplicates }: Tally, unit: string): string {
  const taken = job.done - rejected - failed - duplicates;
  const seconds =
    ((job.finishedAt ?? new Date()).getTime() - (job.startedAt ?? job.createdAt).getTime()) / 1000;
  const parts = [
    `${count(taken)} ${unit} in ${duration(seconds)}`,
    ...(duplicates > 0 ? [`${count(duplicates)} duplicates`] : []),
    ...(rejected > 0 ? [`${count(rejected)} files not taken (the dashboard says why)`] : []),
    ...(failed > 0 ? [`${count(failed)} failed (retry in the dashboard)`] : []),
  ];
  return job.state === 'SUCCEEDED'
    ? parts.join(', ')
    : `${job.state.toLowerCase()}: ${job.message ?? parts.join(', ')}`;
}
