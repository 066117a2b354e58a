import { type Dim, multiplyDims, staticDim } from '../onnx/dims.js';
import type { Tensor } from '../onnx/graph.js';
import {
  add,
  concat,
  gelu,
  geluTanh,
  mul,
  QUICK_GELU_SCALE,
  quickGelu,
  relu,
  reshape,
  silu,
  slice,
} from '../onnx/ops/index.js';
import { attention, causalMask, toHeads } from './attention.js';
import { layerNorm, layerNormSpecs } from './layer-norm.js';
import { linear, linearSpecs, times } from './linear.js';
import { type ParameterSource, type ParameterSpec, within } from './parameters.js';

export const activations = { gelu, gelu_tanh: geluTanh, quick_gelu: quickGelu, relu } as const;
export type Activation = keyof typeof activations;

/** `x·σ(1.702x)` is `z·σ(z)/1.702` with `z = 1.702x`; both factors go into the linear maps before and after. */
const scaledActivations: Readonly<Record<Activation, readonly [scale: number, (z: Tensor) => Tensor]>> = {
  gelu: [1, gelu],
  gelu_tanh: [1, geluTanh],
  quick_gelu: [QUICK_GELU_SCALE, silu],
  relu: [1, relu],
};

export interface TransformerConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the hidden layer of each block's perceptron. */
  readonly hidden: number;
  readonly activation: Activation;
  /** A token sees only itself and what came before. */
  readonly causal?: boolean;
  /** Floor of the layer normalisations' variance; 1e-5 by default. */
  readonly epsilon?: number;
}

/** Tokens that one layer reads beside its own. */
export interface LayerPrompts {
  /** `[batch·count, width]`. */
  readonly tokens: Tensor;
  readonly count: number;
  /** `[1, width]`: attention to the prompts is taken apart from that to the layer's own tokens and added to it scaled
   *  by this, channel by channel; at zero the layer is the frozen one (zero-initialised attention, Zhang et al. 2023).
   *  Where absent the prompts stand in one softmax with the layer's own tokens. */
  readonly gate?: Tensor;
}

/** What may be changed in a frozen transformer by those who tune it. */
export interface TransformerHooks {
  /** Tokens put before the others in one layer and taken away after it, or null.
   *  The layer's own input comes with the question. */
  readonly prompts?: (layer: number, x: Tensor) => LayerPrompts | null;
  /** An addition to the output of a linear map (`q`, `v`, …), as LoRA makes; null leaves it. */
  readonly delta?: (layer: number, site: 'qkv' | 'out' | 'up' | 'down', x: Tensor) => Tensor | null;
}

/** Pre-norm transformer encoder (fused query-key-value projection) on rows.
 *  @param x `[batch·tokens, width]`. @returns the same shape, before any last normalisation. */
export function transformer(
  parameters: ParameterSource,
  x: Tensor,
  config: TransformerConfig,
  batch: Dim,
  tokens: number,
  hooks: TransformerHooks = {},
): Tensor {
  let hidden = x;
  for (let layer = 0; layer < config.layers; layer++) {
    const scope = within(parameters, `blocks.${layer}`);
    const prompts = hooks.prompts?.(layer, hidden) ?? null;
    if (prompts && !prompts.gate) {
      const { count } = prompts;
      const joined = prependTokens(prompts.tokens, hidden, batch, count, tokens);
      const out = block(scope, joined, config, batch, tokens + count, layer, hooks);
      hidden = dropFirstTokens(out, batch, count, tokens);
    } else hidden = block(scope, hidden, config, batch, tokens, layer, hooks, prompts);
  }
  return hidden;
}

/** What a layer's tokens read in gated prompts; the prompts go through the layer's own maps. */
function readPrompts(
  parameters: ParameterSource,
  q: Tensor,
  { tokens: prompts, count, gate }: LayerPrompts,
  { width, heads, epsilon }: TransformerConfig,
  batch: Dim,
): Tensor {
  const normal = layerNorm(within(parameters, 'norm1'), prompts, epsilon);
  const qkv = linear(within(parameters, 'qkv'), normal, width, 3 * width);
  const [, k, v] = toHeads(qkv, { batch, heads, tokens: count, parts: 3 }) as [Tensor, Tensor, Tensor];
  const read = attention(q, k, v);
  return gate ? mul(read, gate) : read;
}

function block(
  parameters: ParameterSource,
  x: Tensor,
  config: TransformerConfig,
  batch: Dim,
  tokens: number,
  layer: number,
  hooks: TransformerHooks,
  prompts: LayerPrompts | null = null,
): Tensor {
  const { width, heads, hidden } = config;
  const plus = (site: 'qkv' | 'out' | 'up' | 'down', given: Tensor, y: Tensor, factor = 1) => {
    const delta = hooks.delta?.(layer, site, given);
    return delta ? add(y, times(delta, factor)) : y;
  };
  const normal = layerNorm(within(parameters, 'norm1'), x, config.epsilon);
  const qkv = plus('qkv', normal, linear(within(parameters, 'qkv'), normal, width, 3 * width));
  const [q, k, v] = toHeads(qkv, { batch, heads, tokens, parts: 3 }) as [Tensor, Tensor, Tensor];
  const own = attention(q, k, v, config.causal ? causalMask(x, tokens) : undefined);
  const mixed = prompts ? add(own, readPrompts(parameters, q, prompts, config, batch)) : own;
  const attended = add(x, plus('out', mixed, linear(within(parameters, 'out'), mixed, width, width)));
  const second = layerNorm(within(parameters, 'norm2'), attended, config.epsilon);
  const [scale, activate] = scaledActivations[config.activation];
  const up = plus(
    'up',
    second,
    linear(within(parameters, 'up'), second, width, hidden, { scaleOut: scale }),
    scale,
  );
  const active = activate(up);
  const down = linear(within(parameters, 'down'), active, hidden, width, { scaleIn: 1 / scale });
  return add(attended, plus('down', times(active, 1 / scale), down));
}

/** Puts `count` tokens before the `tokens` of each item: `[batch·(count+tokens), width]`. */
export function prependTokens(prompts: Tensor, x: Tensor, batch: Dim, count: number, tokens: number): Tensor {
  const width = staticDim(x.shape, 1, 'prompts');
  const joined = concat([reshape(prompts, [batch, count, width]), reshape(x, [batch, tokens, width])], 1);
  return reshape(joined, [multiplyDims(batch, count + tokens), width]);
}

/** Takes the first `count` tokens of each item away again. */
export function dropFirstTokens(x: Tensor, batch: Dim, count: number, tokens: number): Tensor {
  const width = staticDim(x.shape, 1, 'prompts');
  const kept = slice(reshape(x, [batch, count + tokens, width]), [
    { axis: 1, start: count, end: count + tokens },
  ]);
  return reshape(kept, [multiplyDims(batch, tokens), width]);
}

/** Fresh weights of {@link transformer}; what closes a residual branch starts smaller by √(2·layers), as in GPT-2. */
export function transformerSpecs(prefix: string, config: TransformerConfig): Record<string, ParameterSpec> {
  const { width, hidden, layers } = config;
  const closing = 1 / Math.sqrt(2 * layers);
  const specs: Record<string, ParameterSpec> = {};
  for (let layer = 0; layer < layers; layer++) {
    const at = `${prefix}.blocks.${layer}`;
    Object.assign(
      specs,
      layerNormSpecs(`${at}.norm1`, width),
      linearSpecs(`${at}.qkv`, width, 3 * width),
      linearSpecs(`${at}.out`, width, width, { gain: closing }),
      layerNormSpecs(`${at}.norm2`, width),
      linearSpecs(`${at}.up`, width, hidden),
      linearSpecs(`${at}.down`, hidden, width, { gain: closing }),
    );
  }
  return specs;
}
