import { z } from 'zod';
import { type ParameterSource, within } from '../../nn/parameters.js';
import type { Tensor } from '../../onnx/graph.js';
import { add, clip, conv } from '../../onnx/ops/index.js';

/** One inverted residual block (Sandler et al. 2018): widen by 1×1, filter each channel, narrow by 1×1. */
const blockSchema = z.object({
  kernel: z.union([z.literal(3), z.literal(5)]),
  stride: z.union([z.literal(1), z.literal(2)]),
  inputs: z.int().positive(),
  /** Channels between; no widening where these are as many as the inputs of the first block. */
  expanded: z.int().positive(),
  outputs: z.int().positive(),
});

/** Shape of a trunk of inverted residual blocks: MobileNetV2, EfficientNet-Lite. */
export const trunkConfigSchema = z.object({
  /** Filters of the first convolution, 3×3 with stride 2. */
  stem: z.int().positive(),
  blocks: z.array(blockSchema).min(1),
  /** Channels of the last 1×1 convolution. */
  head: z.int().positive(),
  /** Pixels become `(pixel − mean) / scale`. */
  mean: z.number(),
  scale: z.number().positive(),
});

export type TrunkConfig = z.infer<typeof trunkConfigSchema>;
export type TrunkBlock = z.infer<typeof blockSchema>;

export interface TrunkOutput {
  /** The last map of stride 16, before its narrowing activation: `[batch, c, size / 16, size / 16]`. */
  readonly fine: Tensor;
  /** The map after the head: `[batch, head, size / 32, size / 32]`. */
  readonly coarse: Tensor;
}

/** What becomes of the output of one convolution, before its activation; see `ImageTowerHooks.stem`. */
export type TrunkHook = (index: number, x: Tensor) => Tensor;

/** Both families limit at six, so that activations fit small integers. */
const relu6 = (x: Tensor): Tensor => clip(x, 0, 6);

/** TensorFlow's SAME padding, with which both families were trained, for sizes that the stride divides: one zero less
 *  before than after where they cannot be as many. */
function samePadding(kernel: number, stride: number) {
  const zeros = kernel - stride;
  const padding = Math.floor(zeros / 2);
  return { stride, padding, paddingEnd: zeros - padding };
}

export const hasExpansion = ({ inputs, expanded }: TrunkBlock): boolean => expanded !== inputs;

/** The trunk. Batch normalisations are folded into its convolutions: each is a weight and a bias.
 *  Weights: `stem`, `blocks.<n>.{expand,depth,project}`, `head`.
 *  @param pixels float32 `[batch, 3, size, size]`, normalised; `size` a multiple of 32.
 *  @param hook on the output of the stem's convolution (index 0) and of each block (index 1 + n). */
export function trunk(
  parameters: ParameterSource,
  pixels: Tensor,
  config: TrunkConfig,
  hook: TrunkHook = (_, x) => x,
): TrunkOutput {
  const first = convolve(within(parameters, 'stem'), pixels, [config.stem, 3, 3], samePadding(3, 2));
  let fine = relu6(hook(0, first));
  const last = lastFine(config);
  for (const [index, block] of config.blocks.slice(0, last + 1).entries())
    fine = hook(index + 1, residual(within(parameters, `blocks.${index}`), fine, block));
  return { fine, coarse: lateTrunk(parameters, fine, config, hook) };
}

/** What comes after the last map of stride 16, from that map on: `[batch, head, size / 32, size / 32]`. */
export function lateTrunk(
  parameters: ParameterSource,
  fine: Tensor,
  config: TrunkConfig,
  hook: TrunkHook = (_, x) => x,
): Tensor {
  let x = fine;
  for (const [index, block] of config.blocks.entries())
    if (isLateBlock(index, config))
      x = hook(index + 1, residual(within(parameters, `blocks.${index}`), x, block));
  const inputs = config.blocks.at(-1)?.outputs ?? config.stem;
  return relu6(convolve(within(parameters, 'head'), x, [config.head, inputs, 1], {}));
}

const isLateBlock = (index: number, config: TrunkConfig): boolean => index > lastFine(config);

/** Whether a weight of the trunk, `stem…`, `blocks.<n>…` or `head…`, is one of {@link lateTrunk} that is worth tuning: the
 *  filters of single channels hold two weights in a hundred, and their gradients cost as much as all the others'. */
export function isLateWeight(name: string, config: TrunkConfig): boolean {
  const block = /^blocks\.(\d+)\.(?!depth)/.exec(name)?.[1];
  return name.startsWith('head.') || (block !== undefined && isLateBlock(Number(block), config));
}

/** Index of the last block of stride 16. */
export function lastFine({ blocks }: TrunkConfig): number {
  let stride = 2;
  let last = 0;
  for (const [index, block] of blocks.entries()) {
    stride *= block.stride;
    if (stride === 16) last = index;
  }
  return last;
}

/** Channels of the map of stride 16. */
export const fineChannels = (config: TrunkConfig): number => config.blocks[lastFine(config)]?.outputs ?? 0;

function residual(parameters: ParameterSource, x: Tensor, block: TrunkBlock): Tensor {
  const { kernel, stride, inputs, expanded, outputs } = block;
  const wide = hasExpansion(block)
    ? relu6(convolve(within(parameters, 'expand'), x, [expanded, inputs, 1], {}))
    : x;
  const filtered = relu6(
    convolve(within(parameters, 'depth'), wide, [expanded, 1, kernel], {
      ...samePadding(kernel, stride),
      groups: expanded,
    }),
  );
  const narrow = convolve(within(parameters, 'project'), filtered, [outputs, expanded, 1], {});
  return stride === 1 && inputs === outputs ? add(x, narrow) : narrow;
}

function convolve(
  parameters: ParameterSource,
  x: Tensor,
  [filters, channels, kernel]: readonly [number, number, number],
  options: NonNullable<Parameters<typeof conv>[3]>,
): Tensor {
  return conv(
    x,
    parameters('weight', [filters, channels, kernel, kernel]),
    parameters('bias', [filters]),
    options,
  );
}
