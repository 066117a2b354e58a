/** Worker thread that runs the model: the runtime computes on the thread that calls it, which would hold up every request
 *  and all that an import reads and decodes meanwhile.
 *
 *  Opened with `workerData: { name, request, hub, query?, threads? }`; posts `{ opened: { name, spaceHash, … } }` or `{ failure }`. Then takes
 *  `{ id, call, args }`, any number at a time, and posts `{ id, result }` or `{ id, failure }`; `{ id, call: 'close' }`
 *  ends it. Plain JavaScript, because a worker's entry is loaded by Node itself, both from sources and from a build. */
import { parentPort, workerData } from 'node:worker_threads';
import { CoreError, loadModel, openModelHub, selectProvider } from '@freestyle/core';

const failureOf = (error) => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const core = error instanceof CoreError ? { code: error.code, data: error.data } : null;
  return { message, stack, code: error?.code, core };
};

async function open({ name, request, hub: hubOptions, query, threads }) {
  const { provider } = await selectProvider(request);
  const hub = openModelHub(hubOptions);
  const options = { provider, hub, ...(query && { query }), ...(threads && { threads }) };
  return loadModel(name, options).finally(() => hub.close());
}

/** Memory that the answer may take along: the vectors are made for one caller. */
const buffersOf = (result) =>
  Array.isArray(result) ? result.flatMap((one) => (one?.vector ?? one)?.buffer ?? []) : [];

try {
  const model = await open(workerData);
  parentPort.on('message', async ({ id, call, args }) => {
    try {
      const result = await model[call]?.(...args);
      parentPort.postMessage({ id, result }, [...new Set(buffersOf(result))]);
      if (call === 'close') parentPort.close();
    } catch (error) {
      parentPort.postMessage({ id, failure: failureOf(error) });
    }
  });
  const { name, spaceHash, queryHash, symmetric, dimensions, provider, calibration, relevance } = model;
  parentPort.postMessage({
    opened: { name, spaceHash, queryHash, symmetric, dimensions, provider, calibration, relevance },
  });
} catch (error) {
  parentPort.postMessage({ failure: failureOf(error) });
}
