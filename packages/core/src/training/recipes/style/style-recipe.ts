import type { RgbImage } from '../../../image/rgb-image.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { initialise, within } from '../../../nn/parameters.js';
import { input } from '../../../onnx/graph.js';
import { createRandom } from '../../../random.js';
import { float32 } from '../../../runtime/session.js';
import { styleFeatures, styleNetwork, styleNetworkSpecs } from '../../../style-space/style-network.js';
import { adamW } from '../../adamw.js';
import { cosineLoss } from '../../losses.js';
import type { Recipe } from '../../recipe.js';
import { warmupCosine } from '../../schedule.js';

export interface StyleNetworkTraining {
  /** Square pictures in every style, of side `size`. */
  readonly pictures: readonly RgbImage[];
  /** The teacher's reduced Gram feature of each, unit length, `[64]`. */
  readonly targets: readonly Float32Array[];
  readonly size: number;
  readonly steps: number;
  /** No more than there are pictures. */
  readonly batch: number;
  readonly seed: number;
}

/** The compact style network, to give the teacher's reduced Gram features: `1 − cos` on unit vectors. Its weights are
 *  named below `style.network`. */
export function styleRecipe(options: StyleNetworkTraining): Recipe {
  const { batch, size, steps, pictures } = options;
  const { width } = styleNetwork;
  const weights = initialise(
    styleNetworkSpecs('style.network'),
    createRandom(`${options.seed}:style-network`).fork('init'),
  );
  return {
    name: 'style-network',
    seed: options.seed,
    weights,
    phases: [
      {
        name: 'style',
        steps,
        trainable: () => true,
        loss: (graph, source) => {
          const pixels = input(graph, 'pixels', [batch, size, size, 3], 'uint8');
          const target = input(graph, 'target', [batch, width]);
          const seen = l2Normalise(styleFeatures(within(source, 'style.network'), pixels));
          return { loss: cosineLoss(seen, target) };
        },
      },
    ],
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.01 : 0) }),
    clipNorm: 1,
    rate: (step) => warmupCosine(step, { peak: 2e-3, warmup: 50, total: steps }),
    batches: async (step) => {
      const drawn = deckOf(options, step);
      const target = new Float32Array(batch * width);
      drawn.forEach((picture, row) => {
        target.set(options.targets[picture] ?? [], row * width);
      });
      const chosen = drawn.map((picture) => pictures[picture] as RgbImage);
      return [{ pixels: pixelBatch(chosen, size), target: float32(target, [batch, width]) }];
    },
    images: batch,
  };
}

/** The pictures of a step: each round deals all of them once, shuffled anew, without the rest that fills no batch. */
function deckOf({ pictures, batch, seed }: StyleNetworkTraining, step: number): number[] {
  const perRound = Math.floor(pictures.length / batch);
  const [round, place] = [Math.floor(step / perRound), step % perRound];
  const order = createRandom(`${seed}:style-network:round:${round}`).shuffle(pictures.map((_, i) => i));
  return order.slice(place * batch, (place + 1) * batch);
}
