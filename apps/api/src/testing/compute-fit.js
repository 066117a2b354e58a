// A real training of a small network, as a task of the compute process: `{ checkpoint, steps, gate }` to
// `{ hash, fromStep }`. Each step is held at the gate. Plain JavaScript over what was built, because the layers and
// operators that it is made of are no part of the core's surface.
import { linear, linearSpecs } from '../../../../packages/core/dist/nn/linear.js';
import { initialise, within } from '../../../../packages/core/dist/nn/parameters.js';
import { input } from '../../../../packages/core/dist/onnx/graph.js';
import { mul, quickGelu, reduceMean, sub } from '../../../../packages/core/dist/onnx/ops/index.js';
import { createRandom } from '../../../../packages/core/dist/random.js';
import { float32 } from '../../../../packages/core/dist/runtime/session.js';
import { adamW, fit, hashParameters, warmupCosine } from '../../../../packages/core/dist/training/index.js';
import { createFileGate } from '../../dist/testing/file-gate.js';

const BATCH = 8;

/** A two-layer network that learns `sin(x₀ + x₁)`. */
const recipeOf = (steps, hold) => ({
  name: 'sine',
  seed: 3,
  weights: initialise({ ...linearSpecs('up', 4, 64), ...linearSpecs('down', 64, 1) }, createRandom('sine')),
  phases: [
    {
      name: 'all',
      steps,
      trainable: () => true,
      loss: (graph, parameters) => {
        const x = input(graph, 'x', [BATCH, 4]);
        const y = input(graph, 'y', [BATCH, 1]);
        const hidden = quickGelu(linear(within(parameters, 'up'), x, 4, 64));
        const error = sub(linear(within(parameters, 'down'), hidden, 64, 1), y);
        return { loss: reduceMean(mul(error, error)) };
      },
    },
  ],
  optimiser: adamW({ weightDecay: () => 0.01 }),
  rate: (step) => warmupCosine(step, { peak: 0.01, warmup: 5, total: steps }),
  batches: async (_step, random) => {
    await hold();
    const x = Float32Array.from({ length: BATCH * 4 }, () => random.normal());
    const y = Float32Array.from({ length: BATCH }, (_, i) => Math.sin(x[4 * i] + x[4 * i + 1]));
    return [{ x: float32(x, [BATCH, 4]), y: float32(y, [BATCH, 1]) }];
  },
  images: BATCH,
});

export const compute = async ({ checkpoint, steps, gate: path }, { signal, threads, progress, log }) => {
  const gate = createFileGate(path);
  const recipe = recipeOf(steps, () => gate.pass(signal));
  let fromStep = 0;
  await fit(recipe, {
    checkpoint,
    checkpointSeconds: 0,
    session: { threads },
    signal,
    onEvent: async (event) => {
      if (event.kind === 'start') fromStep = event.step;
      if (event.kind !== 'step') return;
      log(`step ${event.step}: loss ${event.loss.toFixed(4)}`);
      await progress(event.step, event.total);
    },
  });
  return { hash: hashParameters(recipe.weights), fromStep };
};
