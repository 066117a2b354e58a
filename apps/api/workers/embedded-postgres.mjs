/** Worker thread that owns the embedded PostgreSQL: it keeps database work off the thread that serves requests
 *  and speaks the ordinary wire protocol on a private socket, so that one client library serves both databases.
 *
 *  workerData: `{ dataDir: string, listen: { path: string } | { port: 0 } }`.
 *  Posts `{ type: 'ready', path } | { type: 'ready', port }` or `{ type: 'failed', message }`; closes on `'close'`.
 *  Plain JavaScript, because a worker's entry is loaded by Node itself, both from sources and from a build. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

async function open() {
  const db = await PGlite.create({ dataDir: workerData.dataDir, extensions: { vector } });
  const server = new PGLiteSocketServer({ db, ...workerData.listen, maxConnections: 4 });
  await server.start();
  parentPort.on('message', async (message) => {
    if (message !== 'close') return;
    await server.stop();
    await db.close();
    parentPort.postMessage({ type: 'closed' });
    parentPort.close();
  });
  const port = Number(server.getServerConn().split(':').at(-1));
  parentPort.postMessage({ type: 'ready', ...(workerData.listen.path ? workerData.listen : { port }) });
}

open().catch((error) => {
  parentPort.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
});
