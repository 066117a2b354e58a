/** Worker thread that makes query pictures of photos: seconds of arithmetic, kept off the thread that serves requests.
 *
 *  Takes `{ photo: Uint8Array, requests: VersionRequest[], side?: number }`, one at a time; posts
 *  `{ versions: StyleVersion[] }` or `{ failure: { code?: string, message: string } }`.
 *  Plain JavaScript, because a worker's entry is loaded by Node itself, both from sources and from a build. It loads
 *  the makers alone: the models' runtime has no business in a thread that comes and goes. */
import { parentPort } from 'node:worker_threads';
import { makeStyleVersions } from '@freestyle/core/style-version';

parentPort.on('message', async ({ photo, requests, side }) => {
  try {
    const versions = await makeStyleVersions(photo, requests, side);
    parentPort.postMessage({ versions });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort.postMessage({ failure: { code: error?.code, message } });
  }
});
