import { l2Normalise } from '../../nn/l2-normalise.js';
import { layerNorm, layerNormSpecs } from '../../nn/layer-norm.js';
import { linear, linearSpecs } from '../../nn/linear.js';
import { type ParameterSource, type ParameterSpec, within } from '../../nn/parameters.js';
import type { TransformerHooks } from '../../nn/transformer.js';
import { constant, type Tensor } from '../../onnx/graph.js';
import {
  add,
  concat,
  div,
  gelu,
  matMul,
  mul,
  pad,
  reduceSum,
  reshape,
  sigmoid,
  sqrt,
  sub,
} from '../../onnx/ops/index.js';
import { bertLayers } from '../bert/bert-tower.js';
import { type EyeConfig, looksOf } from './config.js';

/** The text tower: a pretrained sentence encoder, and a head on the means of some of its layers over a text's tokens.
 *  @param ids int64 `[batch, context]`. @param mask float32 `[batch, context]`, 1 for tokens, 0 for padding.
 *  @returns `[batch, vectorLength]`, not normalised. */
export function eyeTextTower(
  parameters: ParameterSource,
  ids: Tensor,
  mask: Tensor,
  config: EyeConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const features = sentenceFeatures(parameters, ids, mask, config, hooks);
  const meant = textHead(parameters, features, config);
  const told = config.strange ? withStrangeness(parameters, meant, features, config) : meant;
  const looks = looksOf(config).reduce((sum, { width }) => sum + width, 0);
  // Words say nothing about the looks.
  return looks > 0 ? pad(told, [0, 0], [0, looks]) : told;
}

/** What is left of a cosine of words that are held for made up: their best score then lies well below that of chance. Not
 *  less, for a rare word that is held for one (capybara) finds its photo all the same where it stands out. */
const LEAST_KNOWN = 0.75;

/** `[c·m, √(1 − c²)]` with the unit vector m of what is meant, and with c between {@link LEAST_KNOWN} and 1 by the
 *  probability that the words mean something. */
function withStrangeness(
  parameters: ParameterSource,
  meant: Tensor,
  features: Tensor,
  { text }: EyeConfig,
): Tensor {
  const logit = linear(within(parameters, 'known'), features, text.read.length * text.width, 1);
  const known = add(mul(sigmoid(logit), 1 - LEAST_KNOWN), LEAST_KNOWN);
  const rest = sqrt(sub(constant(meant.graph, 1), mul(known, known)));
  return concat([mul(l2Normalise(meant), known), rest], 1);
}

/** `[batch, read·width]`: the means over the tokens of the layers that the head reads. Frozen, so training keeps them. */
export function sentenceFeatures(
  parameters: ParameterSource,
  ids: Tensor,
  mask: Tensor,
  { text }: EyeConfig,
  hooks: TransformerHooks = {},
): Tensor {
  const batch = ids.shape[0] ?? 1;
  const layers = Math.max(...text.read);
  const hidden = bertLayers(within(parameters, 'bert'), ids, mask, { ...text, layers }, hooks);
  const rows = reshape(mask, [batch, 1, text.context]);
  const count = reduceSum(mask, { axes: [1], keepDims: true });
  const means = text.read.map((layer) => {
    const tokens = reshape(hidden[layer] as Tensor, [batch, text.context, text.width]);
    return div(reshape(matMul(rows, tokens), [batch, text.width]), count);
  });
  return concat(means, 1);
}

/** From the means to the embedding: normalised, a perceptron and a linear map beside it. */
export function textHead(
  parameters: ParameterSource,
  features: Tensor,
  { text, embedding }: EyeConfig,
): Tensor {
  const width = text.read.length * text.width;
  const x = layerNorm(within(parameters, 'norm'), features);
  const hidden = gelu(linear(within(parameters, 'head.up'), x, width, text.head));
  return add(
    linear(within(parameters, 'head.down'), hidden, text.head, embedding),
    linear(within(parameters, 'head.beside'), x, width, embedding, { bias: false }),
  );
}

/** Fresh weights of the head, named below `prefix`. */
export function textHeadSpecs(prefix: string, { text, embedding }: EyeConfig): Record<string, ParameterSpec> {
  const width = text.read.length * text.width;
  return {
    ...layerNormSpecs(`${prefix}.norm`, width),
    ...linearSpecs(`${prefix}.head.up`, width, text.head),
    ...linearSpecs(`${prefix}.head.down`, text.head, embedding),
    ...linearSpecs(`${prefix}.head.beside`, width, embedding, { bias: false }),
  };
}
