import { join } from 'node:path';
import { createServer } from '../create-server.js';
import { createFileGate } from './file-gate.js';
import { createEvaluateJob, createFitJob } from './model-jobs.js';
import { createTestEncoder } from './test-encoder.js';
import { NO_SETTINGS } from './test-server.js';

/** A process with a server whose import, training and evaluation are held at gates; it prints its address.
 *  `node side-by-side-child.js <data folder> <folder of the gates> [database URL]` */
const [dataDir, gates, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined || gates === undefined)
  throw new Error('usage: side-by-side-child.js <data> <gates> [url]');

const fitJob = createFitJob(dataDir, gates);
const evaluateJob = createEvaluateJob(gates);
const server = await createServer({
  dataDir,
  databaseUrl: databaseUrl || undefined,
  settings: NO_SETTINGS,
  port: 0,
  model: createTestEncoder({ gate: createFileGate(join(gates, 'import')) }),
  leaseMs: 2000,
  jobKinds: [fitJob, evaluateJob],
});
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
print({ listening: server.url });

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  for (const line of text.split('\n').filter(Boolean)) void answer(JSON.parse(line) as Command);
});

type Command =
  | { readonly begin: { readonly folder: string; readonly steps: number } }
  | { readonly look: readonly string[] }
  | { readonly cancel: string };

async function answer(command: Command): Promise<void> {
  const { jobs } = server.services;
  if ('look' in command) {
    const found = await jobs.byIds(command.look);
    print({ jobs: command.look.map((id) => found.find((job) => job.id === id)) });
  } else if ('cancel' in command) {
    await jobs.cancel(command.cancel);
    print({ cancelled: command.cancel });
  } else {
    const { folder, steps } = command.begin;
    const { jobId } = await server.importFolder(folder);
    const training = await jobs.enqueue(fitJob, { payload: { steps }, startedBy: 'test' });
    const evaluation = await jobs.enqueue(evaluateJob, { payload: { folder } });
    print({ begun: [jobId, training.id, evaluation.id] });
  }
}
