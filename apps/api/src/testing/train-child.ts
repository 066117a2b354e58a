import { createServer } from '../create-server.js';
import { openModel } from '../modules/model/open-model.js';
import { NO_SETTINGS } from './test-server.js';

/** A process that works on what waits in a data folder, and prints `<kind> <done> <state> <message>` of every job at each
 *  change; it is made to be killed by a test. `node train-child.js <data folder> [database URL]` */
const [dataDir, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: train-child.js <data> [url]');

const server = await createServer({
  dataDir,
  databaseUrl: databaseUrl || undefined,
  settings: NO_SETTINGS,
  port: 0,
  model: await openModel('freestyle-small', 'cpu'),
  modelName: 'freestyle-small',
  leaseMs: 2000,
});
await server.modelReady;
const page = { after: null, before: null, limit: 50, inverted: false };
const waiting = (await server.services.jobs.page({ states: ['QUEUED', 'RUNNING'] }, page)).map(
  ({ id }) => id,
);
await Promise.all(
  waiting.map(async (id) => {
    for await (const job of server.services.jobs.watch(id))
      process.stdout.write(`${job.kind} ${job.done} ${job.state} ${job.message ?? ''}\n`);
  }),
);
await server.close();
process.stdout.write('closed\n');
