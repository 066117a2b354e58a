import type { SmallConfig } from '../../../models/small/config.js';
import { textTower } from '../../../models/small/text-tower.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { linear } from '../../../nn/linear.js';
import { type Parameter, type ParameterSource, within } from '../../../nn/parameters.js';
import { type Graph, input } from '../../../onnx/graph.js';
import { min } from '../../../onnx/ops/index.js';
import { float32, hostTensor } from '../../../runtime/session.js';
import { adamW } from '../../adamw.js';
import { infoNce } from '../../losses.js';
import type { Recipe } from '../../recipe.js';
import { warmupCosine } from '../../schedule.js';
import type { Objective } from '../../step-contract.js';
import { type CaptionedPictures, packTexts, pick } from './captioned-pictures.js';

export interface TextStageOptions {
  /** Of the stage, and part of its seeds. */
  readonly name: string;
  readonly config: SmallConfig;
  /** `text.*`, `bridge.weight` `[embedding, featureWidth]` and `logit_scale`; changed in place. */
  readonly weights: Map<string, Parameter>;
  readonly featureWidth: number;
  /** Picture features of some views, `[indices, featureWidth]`. */
  readonly features: (indices: ArrayLike<number>) => Promise<Float32Array>;
  readonly pairs: CaptionedPictures;
  readonly endId: number;
  readonly steps: number;
  readonly batch: number;
  readonly peakRate: number;
  /** The text tower, the map from picture features to the joint space, or both. */
  readonly learns: 'text' | 'bridge' | 'both';
  readonly seed: number;
}

/** Tokens of a caption that the tower reads while training: 99 % of the captions end before. */
export const TRAINING_TOKENS = 24;
/** CLIP's ceiling on 1/temperature: beyond 100 the loss only chases noise. */
export const MAX_LOG_SCALE = Math.log(100);

/** Share of a caption's words that a step leaves out: else it is learned by heart. */
const WORD_DROPOUT = 0.1;

/** The text tower against fixed picture features with InfoNCE. Large batches, since a caption is cheap. */
export function textRecipe(options: TextStageOptions): Recipe {
  const { batch, pairs, steps, featureWidth } = options;
  return {
    name: `${options.name}-stage`,
    seed: options.seed,
    weights: options.weights,
    phases: [
      {
        name: options.name,
        steps,
        trainable: (name) =>
          name === 'logit_scale' ||
          (options.learns !== 'bridge' && name.startsWith('text.')) ||
          (options.learns !== 'text' && name.startsWith('bridge.')),
        loss: (graph, source) => textObjective(graph, source, options),
      },
    ],
    // Vectors (norms, biases, the scale) do not decay, as is usual.
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.1 : 0) }),
    clipNorm: 1,
    rate: (step) => warmupCosine(step, { peak: options.peakRate, warmup: 100, total: steps }),
    batches: async (_, random) => {
      const order = random.shuffle([...pairs.pictures]).slice(0, batch);
      const views = order.map((picture) => pick(pairs.views[picture] ?? [], random));
      const rows = order.map((picture) => pick(pairs.captions[picture] ?? [], random));
      const texts = packTexts(rows, TRAINING_TOKENS, options.endId, WORD_DROPOUT, random);
      return [
        {
          features: float32(await options.features(views), [batch, featureWidth]),
          ids: hostTensor('int64', texts.ids, [texts.ids.length]),
          ends: hostTensor('int64', texts.ends, [batch]),
        },
      ];
    },
    images: batch,
  };
}

function textObjective(
  graph: Graph,
  source: ParameterSource,
  { config, batch, featureWidth }: TextStageOptions,
): Objective {
  const features = input(graph, 'features', [batch, featureWidth]);
  const ids = input(graph, 'ids', [batch * TRAINING_TOKENS], 'int64');
  const ends = input(graph, 'ends', [batch], 'int64');
  const text = textTower(within(source, 'text'), ids, ends, config, batch, TRAINING_TOKENS);
  const image = linear(within(source, 'bridge'), features, featureWidth, config.embedding, { bias: false });
  const scale = min(source('logit_scale', []), MAX_LOG_SCALE);
  return { loss: infoNce(l2Normalise(image), l2Normalise(text), scale) };
}
