import type { SmallConfig } from '../../../models/small/config.js';
import { textTower } from '../../../models/small/text-tower.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { linear } from '../../../nn/linear.js';
import { type Parameter, within } from '../../../nn/parameters.js';
import { type Graph, input } from '../../../onnx/graph.js';
import { min } from '../../../onnx/ops/index.js';
import type { Random } from '../../../random.js';
import { float32, hostTensor, type SessionOptions } from '../../../runtime/session.js';
import { adamW } from '../../adamw.js';
import { infoNce } from '../../losses.js';
import { warmupCosine } from '../../schedule.js';
import { createTrainingStep } from '../../training-step.js';
import { type CaptionedPictures, packTexts, pick } from './captioned-pictures.js';

export interface TextStageOptions {
  readonly config: SmallConfig;
  /** `text.*`, `bridge.weight` `[embedding, featureWidth]` and `logit_scale`; changed in place. */
  readonly weights: Map<string, Parameter>;
  readonly featureWidth: number;
  /** Picture features of some views, `[indices, featureWidth]`. */
  readonly features: (indices: ArrayLike<number>) => Float32Array;
  readonly pairs: CaptionedPictures;
  readonly endId: number;
  readonly steps: number;
  readonly batch: number;
  readonly peakRate: number;
  /** The text tower, the map from picture features to the joint space, or both. */
  readonly learns: 'text' | 'bridge' | 'both';
  readonly random: Random;
  readonly session?: SessionOptions;
  readonly onStep?: (step: number, loss: number) => void;
}

/** Tokens of a caption that the tower reads while training: 99 % of the captions end before. */
export const TRAINING_TOKENS = 24;
/** CLIP's ceiling on 1/temperature: beyond 100 the loss only chases noise. */
export const MAX_LOG_SCALE = Math.log(100);

/** Trains the text tower against fixed picture features with InfoNCE. Large batches, since a caption is cheap. */
export async function trainTextStage(options: TextStageOptions): Promise<void> {
  const { config, batch, pairs, random } = options;
  const build = (
    graph: Graph,
    source: (name: string, shape: readonly number[]) => ReturnType<typeof input>,
  ) => {
    const features = input(graph, 'features', [batch, options.featureWidth]);
    const ids = input(graph, 'ids', [batch * TRAINING_TOKENS], 'int64');
    const ends = input(graph, 'ends', [batch], 'int64');
    const text = textTower(within(source, 'text'), ids, ends, config, batch, TRAINING_TOKENS);
    const image = linear(within(source, 'bridge'), features, options.featureWidth, config.embedding, {
      bias: false,
    });
    const scale = min(source('logit_scale', []), MAX_LOG_SCALE);
    return { loss: infoNce(l2Normalise(image), l2Normalise(text), scale) };
  };
  const step = await createTrainingStep({
    name: 'text-stage',
    weights: options.weights,
    trainable: (name) =>
      name === 'logit_scale' ||
      (options.learns !== 'bridge' && name.startsWith('text.')) ||
      (options.learns !== 'text' && name.startsWith('bridge.')),
    build,
    // Vectors (norms, biases, the scale) do not decay, as is usual.
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.1 : 0) }),
    clipNorm: 1,
    ...(options.session ? { session: options.session } : {}),
  });
  try {
    for (let index = 0; index < options.steps; index++) {
      const rate = warmupCosine(index, { peak: options.peakRate, warmup: 100, total: options.steps });
      const order = random.shuffle([...pairs.pictures]).slice(0, batch);
      const views = order.map((picture) => pick(pairs.views[picture] ?? [], random));
      const rows = order.map((picture) => pick(pairs.captions[picture] ?? [], random));
      const texts = packTexts(rows, TRAINING_TOKENS, options.endId, 0.1, random);
      const { loss } = await step.step(
        [
          {
            features: float32(options.features(views), [batch, options.featureWidth]),
            ids: hostTensor('int64', texts.ids, [texts.ids.length]),
            ends: hostTensor('int64', texts.ends, [batch]),
          },
        ],
        rate,
      );
      options.onStep?.(index, loss);
    }
  } finally {
    await step.close();
  }
}
