// A training that keeps the processor as busy as a real one: full steps of the small image encoder, forward, backward
// and AdamW, until it is stopped. A task of the server's compute process.
import { defaultSmallConfig } from '../../packages/core/dist/models/small/config.js';
import { imageTower, imageTowerSpecs } from '../../packages/core/dist/models/small/image-tower.js';
import { l2Normalise } from '../../packages/core/dist/nn/l2-normalise.js';
import { initialise, within } from '../../packages/core/dist/nn/parameters.js';
import { input } from '../../packages/core/dist/onnx/graph.js';
import { createRandom } from '../../packages/core/dist/random.js';
import { float32, hostTensor } from '../../packages/core/dist/runtime/session.js';
import { adamW } from '../../packages/core/dist/training/adamw.js';
import { cosineLoss } from '../../packages/core/dist/training/losses.js';
import { createTrainingStep } from '../../packages/core/dist/training/training-step.js';

const BATCH = 32;
const RATE = 1e-4;

/** @type {import('../../apps/api/dist/platform/jobs/compute-task.js').ComputeTask<object, object>} */
export const compute = async (_input, { signal, threads, progress }) => {
  const config = defaultSmallConfig;
  const random = createRandom('bench');
  const { size } = config.image;
  const pixels = Uint8Array.from({ length: BATCH * size * size * 3 }, () => random.integer(256));
  const target = Float32Array.from({ length: BATCH * config.embedding }, () => random.normal());
  const feeds = {
    pixels: hostTensor('uint8', pixels, [BATCH, size, size, 3]),
    target: float32(target, [BATCH, config.embedding]),
  };
  const trainer = await createTrainingStep({
    name: 'bench',
    weights: initialise(imageTowerSpecs('image', config), random),
    trainable: () => true,
    build: (graph, source) => {
      const pictures = input(graph, 'pixels', feeds.pixels.shape, 'uint8');
      const wanted = input(graph, 'target', feeds.target.shape);
      const { embedding } = imageTower(within(source, 'image'), pictures, config);
      return { loss: cosineLoss(l2Normalise(embedding), l2Normalise(wanted)) };
    },
    optimiser: adamW({ weightDecay: () => 0.05 }),
    session: { threads },
  });
  for (let step = 1; ; step++) {
    signal.throwIfAborted();
    await trainer.step([feeds], RATE);
    await progress(step, null);
  }
};
