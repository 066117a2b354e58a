// A server in a process of its own, as `npm start` runs it but without the dashboard, so that its memory and the work
// of its encoder can be measured. `node transfer-server.mjs <data folder>`; talks in JSON lines.
//   in:  {"import": "<folder>"} | {"mark": true} | {"end": true}
//   out: {"url"} | {"imported": {...}} | {"rssBytes", "peakRssBytes"} since the last mark
import { createInterface } from 'node:readline';
import { createServer, openModel } from '@freestyle/api';
import { DEFAULT_MODEL } from '@freestyle/core';

const SAMPLE_MS = 50;

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** When the encoder was at work: calls one after the other, so their times add up. */
const encoder = { busyMs: 0, firstAt: 0, lastAt: 0 };

function watched(model) {
  return {
    ...model,
    async encodeImages(images) {
      const started = performance.now();
      encoder.firstAt ||= started;
      try {
        return await model.encodeImages(images);
      } finally {
        encoder.lastAt = performance.now();
        encoder.busyMs += encoder.lastAt - started;
      }
    },
  };
}

const model = await openModel(DEFAULT_MODEL, 'cpu');
const server = await createServer({ dataDir: process.argv[2], port: 0, model: watched(model) });
await server.modelReady;

let peak = 0;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, SAMPLE_MS).unref();

const tasks = {
  async import(folder) {
    const started = performance.now();
    const handle = await server.importFolder(folder);
    const job = await handle.finished();
    const { state, total, done, rejected, failed, message } = job;
    return {
      imported: {
        datasetId: handle.datasetId,
        ...{ state, total, done, rejected, failed, message },
        seconds: (performance.now() - started) / 1000,
        // From the first photo in the encoder to the last one out of it: listing and the index are no part of it.
        encoderSeconds: (encoder.lastAt - encoder.firstAt) / 1000,
        busySeconds: encoder.busyMs / 1000,
      },
    };
  },
  mark() {
    globalThis.gc?.();
    const rssBytes = process.memoryUsage.rss();
    const answer = { rssBytes, peakRssBytes: Math.max(peak, rssBytes) };
    peak = 0;
    return answer;
  },
};

say({ url: server.url });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.end) break;
  say(request.import ? await tasks.import(request.import) : tasks.mark());
}
await server.close();
process.exit(0);
