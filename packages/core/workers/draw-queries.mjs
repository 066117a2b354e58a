// A thread that draws query pictures: paintings come once, at its start; then lists of photos, answered in their order.

import { parentPort, workerData } from 'node:worker_threads';
import { drawTask } from '@freestyle/core/draw-query';

parentPort.on('message', ({ tasks, shares }) => {
  try {
    const drawn = tasks.map((task) => drawTask(task, { paintings: workerData.paintings, shares }));
    parentPort.postMessage(
      { drawn },
      drawn.map(({ image }) => image.data.buffer),
    );
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
});
