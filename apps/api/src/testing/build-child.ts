import { createServer } from '../create-server.js';
import { createTestEncoder } from './test-encoder.js';
import { NO_SETTINGS } from './test-server.js';

/** A process that imports a folder and builds query pictures of it, or goes on where one before was killed. It prints
 *  `made <n> of <total> <state>` at each change, and is made to be killed by a test. `node build-child.js <data folder> <photo folder> [database URL]` */
const [dataDir, folder, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined || folder === undefined)
  throw new Error('usage: build-child.js <data> <photos> [url]');

const server = await createServer({
  dataDir,
  databaseUrl: databaseUrl || undefined,
  settings: NO_SETTINGS,
  port: 0,
  model: createTestEncoder(),
  leaseMs: 2000,
});
const newest = { after: null, before: null, limit: 10, inverted: false };
const known = (await server.services.jobs.page({}, newest)).find(({ kind }) => kind === 'BUILD');
const { id } = known ?? (await begin(folder));
for await (const job of server.services.jobs.watch(id)) {
  process.stdout.write(`made ${job.done} of ${job.total} ${job.state}\n`);
}
await server.close();
process.stdout.write('closed\n');

async function begin(photos: string) {
  const { finished, datasetId } = await server.importFolder(photos);
  await finished();
  return server.services.builds.start({
    datasetId,
    makers: [
      { maker: 'sketch-contour', strengths: [0.2, 0.8] },
      { maker: 'lowres-mosaic-8', strengths: [] },
    ],
    seed: 1,
  });
}
