import { createServer } from '../create-server.js';
import { createFileGate } from './file-gate.js';
import { createTestEncoder } from './test-encoder.js';
import { NO_SETTINGS } from './test-server.js';

/** A process that imports a folder and builds a style space of it, or goes on where one before was killed. It prints
 *  `done <n> of <total> <state>` at each change. `node style-child.js <data folder> <folder> <gate file> [database URL]` */
const [dataDir, folder, gate, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined || folder === undefined || gate === undefined)
  throw new Error('usage: style-child.js <data> <folder> <gate> [url]');

const server = await createServer({
  dataDir,
  databaseUrl: databaseUrl || undefined,
  settings: NO_SETTINGS,
  port: 0,
  model: createTestEncoder(),
  leaseMs: 2000,
  styleGate: createFileGate(gate),
});
const newest = { after: null, before: null, limit: 10, inverted: false };
const known = (await server.services.jobs.page({}, newest)).find(({ kind }) => kind === 'BUILD_STYLE_SPACE');
const { id } = known ?? (await begin(folder));
for await (const job of server.services.jobs.watch(id)) {
  process.stdout.write(`done ${job.done} of ${job.total} ${job.state}\n`);
}
await server.close();
process.stdout.write('closed\n');

async function begin(from: string) {
  const { finished, datasetId } = await server.importFolder(from);
  await finished();
  const { job } = await server.services.styleSpaces.build({
    ...{ datasetId, versionId: null, name: null, source: 'BOTH', most: null },
    ...{ k: null, seed: 3, startedBy: null },
  });
  return job;
}
