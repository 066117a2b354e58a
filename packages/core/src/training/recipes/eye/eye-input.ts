import type { EyeConfig } from '../../../models/eye/config.js';
import { patchesOnSide } from '../../../models/eye/config.js';
import { type EyeFeatures, eyeHead } from '../../../models/eye/image-tower.js';
import { outlineNumbers } from '../../../models/eye/outlines.js';
import { fineChannels, lateTrunk } from '../../../models/eye/trunk.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import { within } from '../../../nn/parameters.js';
import { type Graph, input, type Tensor } from '../../../onnx/graph.js';
import { float32, type HostTensor } from '../../../runtime/session.js';

/** A part of what the frozen trunk made of a picture once; see `EyeFeatures`. */
export type FeaturePart = keyof EyeFeatures;

const PARTS = ['fine', 'coarse', 'layout', 'outlines'] as const satisfies readonly FeaturePart[];

/** The parts that the head of the gallery's tower reads. */
export const HEAD_PARTS = ['fine', 'coarse', 'layout'] as const satisfies readonly FeaturePart[];

/** Shape of a part of one picture's features. */
function shapeOf({ image }: EyeConfig, side: number, part: FeaturePart): readonly number[] {
  const { trunk, layout, outlines } = image;
  switch (part) {
    case 'fine':
      return [fineChannels(trunk), 2 * side, 2 * side];
    case 'coarse':
      return [trunk.head, side, side];
    case 'layout':
      return [3, layout, layout];
    case 'outlines':
      return [outlines ? outlineNumbers(outlines) : 0];
  }
}

/** Numbers of one picture's features, in the order of the parts. */
export const featureSizes = (config: EyeConfig): readonly number[] =>
  PARTS.map((part) => shapeOf(config, patchesOnSide(config), part).reduce((size, dim) => size * dim, 1));

/** Where a part of a picture's features begins and ends. */
export function featureRange(config: EyeConfig, part: FeaturePart): readonly [start: number, end: number] {
  const sizes = featureSizes(config);
  const place = PARTS.indexOf(part);
  const start = sizes.slice(0, place).reduce((sum, size) => sum + size, 0);
  return [start, start + (sizes[place] ?? 0)];
}

/** Declares the inputs `<name>_<part>` for `count` pictures. */
export function eyeInput<Part extends FeaturePart>(
  graph: Graph,
  name: string,
  count: number,
  config: EyeConfig,
  parts: readonly Part[],
): { readonly [part in Part]: Tensor } {
  const side = patchesOnSide(config);
  const declared = parts.map((part) => [
    part,
    input(graph, `${name}_${part}`, [count, ...shapeOf(config, side, part)]),
  ]);
  return Object.fromEntries(declared);
}

/** The feeds of {@link eyeInput} from kept features, one row a picture. */
export function featureFeeds(
  name: string,
  rows: readonly Float32Array[],
  config: EyeConfig,
  parts: readonly FeaturePart[],
): Record<string, HostTensor> {
  const side = patchesOnSide(config);
  const feeds: Record<string, HostTensor> = {};
  for (const part of parts) {
    const [start, end] = featureRange(config, part);
    const data = new Float32Array(rows.length * (end - start));
    for (const [row, values] of rows.entries()) data.set(values.subarray(start, end), row * (end - start));
    feeds[`${name}_${part}`] = float32(data, [rows.length, ...shapeOf(config, side, part)]);
  }
  return feeds;
}

/** A tower that gives what is meant alone and not the looks, from features instead of from the pixels that it is given:
 *  what the stages train. Without `coarse` the trunk's last stage is in the graph, so that it can learn. */
export const onFeatures = (
  tower: TunableImageTower,
  { fine, layout, coarse }: Pick<EyeFeatures, 'fine' | 'layout'> & { readonly coarse?: Tensor },
  config: EyeConfig,
): TunableImageTower => ({
  ...meantOnly(tower, config),
  stem: [],
  build(parameters, _pixels, hooks) {
    const late = coarse ?? lateTrunk(within(parameters, 'trunk'), fine, config.image.trunk);
    return eyeHead(parameters, { fine, layout, coarse: late }, config, hooks);
  },
});

/** The shape of a tower without the looks. */
export const meantOnly = (tower: TunableImageTower, config: EyeConfig): TunableImageTower => ({
  ...tower,
  embedding: config.embedding,
  looks: [],
});
