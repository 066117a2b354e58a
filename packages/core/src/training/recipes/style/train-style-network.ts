import type { RgbImage } from '../../../image/rgb-image.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { initialise, type Parameter, within } from '../../../nn/parameters.js';
import { input } from '../../../onnx/graph.js';
import { createRandom } from '../../../random.js';
import { float32, type SessionOptions } from '../../../runtime/session.js';
import { styleFeatures, styleNetwork, styleNetworkSpecs } from '../../../style-space/style-network.js';
import { adamW } from '../../adamw.js';
import { cosineLoss } from '../../losses.js';
import { warmupCosine } from '../../schedule.js';
import { createTrainingStep } from '../../training-step.js';

export interface StyleNetworkTraining {
  /** Square pictures in every style, of side `size`. */
  readonly pictures: readonly RgbImage[];
  /** The teacher's reduced Gram feature of each, unit length, `[64]`. */
  readonly targets: readonly Float32Array[];
  readonly size: number;
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  readonly session?: SessionOptions;
  readonly onStep?: (step: number, loss: number) => void;
}

/** Trains the compact style network to give the teacher's reduced Gram features: `1 − cos` on unit vectors.
 *  @returns its weights, named below `style.network`. */
export async function trainStyleNetwork(options: StyleNetworkTraining): Promise<Map<string, Parameter>> {
  const { batch, size } = options;
  const random = createRandom(`${options.seed}:style-network`);
  const weights = initialise(styleNetworkSpecs('style.network'), random.fork('init'));
  const step = await createTrainingStep({
    name: 'style-network',
    weights,
    trainable: () => true,
    build: (graph, source) => {
      const pixels = input(graph, 'pixels', [batch, size, size, 3], 'uint8');
      const target = input(graph, 'target', [batch, styleNetwork.width]);
      const seen = l2Normalise(styleFeatures(within(source, 'style.network'), pixels));
      return { loss: cosineLoss(seen, target) };
    },
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.01 : 0) }),
    clipNorm: 1,
    ...(options.session ? { session: options.session } : {}),
  });
  try {
    let deck: number[] = [];
    for (let index = 0; index < options.steps; index++) {
      if (deck.length < batch) deck = random.shuffle(options.pictures.map((_, picture) => picture));
      const drawn = deck.splice(0, batch);
      const pictures = drawn.map((picture) => options.pictures[picture] as RgbImage);
      const target = new Float32Array(batch * styleNetwork.width);
      drawn.forEach((picture, row) => {
        target.set(options.targets[picture] ?? [], row * styleNetwork.width);
      });
      const rate = warmupCosine(index, { peak: 2e-3, warmup: 50, total: options.steps });
      const { loss } = await step.step(
        [{ pixels: pixelBatch(pictures, size), target: float32(target, [batch, styleNetwork.width]) }],
        rate,
      );
      options.onStep?.(index, loss);
    }
  } finally {
    await step.close();
  }
  return weights;
}
