// A server in a process of its own, as `npm start` runs it but without the dashboard, which trains when it is told to.
// `node jobs-server.mjs <data folder>`; talks in JSON lines.
//   in:  {"import": "<folder>"} | {"train": {threads?, niceness?}} | {"stop": true} | {"end": true}
//   out: {"url"} | {"imported": <photos>} | {"training": true} | {"steps", "seconds"}
import { createInterface } from 'node:readline';
import { createServer, openModel } from '@freestyle/api';
import { DEFAULT_MODEL } from '@freestyle/core';
import { z } from 'zod';
import { defineJobKind } from '../../apps/api/dist/platform/jobs/job-kind.js';
import { runInCompute } from '../../apps/api/dist/platform/jobs/run-in-compute.js';

const TASK = '../../../test/bench/compute-train';
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const trainJob = defineJobKind({
  name: 'BENCH_TRAIN',
  summary: 'Trains until it is cancelled.',
  lane: 'compute',
  payload: z.object({ threads: z.int().optional(), niceness: z.int().optional(), round: z.number() }),
  describe: () => 'Train until cancelled',
  unit: 'steps',
  resume: 'Begins anew.',
  run: (run) => runInCompute(run, TASK, {}, run.payload),
});

const server = await createServer({
  dataDir: process.argv[2],
  port: 0,
  model: await openModel(DEFAULT_MODEL, 'cpu'),
  jobKinds: [trainJob],
});
await server.modelReady;
const { jobs } = server.services;
let training;
let startedAt = 0;

async function begin(payload) {
  training = await jobs.enqueue(trainJob, { payload: { ...payload, round: performance.now() } });
  for await (const job of jobs.watch(training.id)) {
    if (job.finishedAt !== null) throw new Error(`the training ended: ${job.message}`);
    if (job.done > 0) break;
  }
  startedAt = performance.now();
  return { training: true };
}

async function stop() {
  const [{ done: before }] = await jobs.byIds([training.id]);
  const seconds = (performance.now() - startedAt) / 1000;
  await jobs.cancel(training.id);
  for await (const _job of jobs.watch(training.id));
  return { steps: before, seconds };
}

say({ url: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.end) break;
  if (request.import) {
    const { done } = await (await server.importFolder(request.import)).finished();
    say({ imported: done });
  } else if (request.train) say(await begin(request.train));
  else say(await stop());
}
await server.close();
process.exit(0);
