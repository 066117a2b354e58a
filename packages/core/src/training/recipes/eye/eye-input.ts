import type { EyeConfig } from '../../../models/eye/config.js';
import { patchesOnSide } from '../../../models/eye/config.js';
import { type EyeFeatures, eyeFeatures, eyeHead } from '../../../models/eye/image-tower.js';
import { fineChannels } from '../../../models/eye/trunk.js';
import type { TunableImageTower } from '../../../models/tunable-tower.js';
import type { ParameterSource } from '../../../nn/parameters.js';
import { type Graph, input } from '../../../onnx/graph.js';
import { float32, type HostTensor } from '../../../runtime/session.js';

/** What a training graph is fed of a picture: its pixels, or what the frozen trunk made of them once. */
export type EyeForm = 'pixels' | 'features';

/** Numbers of one picture's features: `fine`, `coarse` and `layout` one after the other. */
export function featureSizes(config: EyeConfig): readonly [fine: number, coarse: number, layout: number] {
  const { trunk, layout } = config.image;
  const patches = patchesOnSide(config) ** 2;
  return [4 * patches * fineChannels(trunk), patches * trunk.head, 3 * layout ** 2];
}

/** Declares the inputs for `count` pictures: `<name>` uint8 `[count, size, size, 3]`, or `<name>_fine`, `<name>_coarse`
 *  and `<name>_layout`. @param image the image tower's weights. */
export function eyeInput(
  graph: Graph,
  image: ParameterSource,
  name: string,
  count: number,
  config: EyeConfig,
  form: EyeForm,
): EyeFeatures {
  const { size, trunk, layout } = config.image;
  if (form === 'pixels') {
    return eyeFeatures(image, input(graph, name, [count, size, size, 3], 'uint8'), config);
  }
  const side = patchesOnSide(config);
  return {
    fine: input(graph, `${name}_fine`, [count, fineChannels(trunk), 2 * side, 2 * side]),
    coarse: input(graph, `${name}_coarse`, [count, trunk.head, side, side]),
    layout: input(graph, `${name}_layout`, [count, 3, layout, layout]),
  };
}

/** The feeds of {@link eyeInput} from kept features, one row a picture. */
export function featureFeeds(
  name: string,
  rows: readonly Float32Array[],
  config: EyeConfig,
): Record<string, HostTensor> {
  const sizes = featureSizes(config);
  const { trunk, layout } = config.image;
  const side = patchesOnSide(config);
  const shapes = {
    fine: [rows.length, fineChannels(trunk), 2 * side, 2 * side],
    coarse: [rows.length, trunk.head, side, side],
    layout: [rows.length, 3, layout, layout],
  };
  const feeds: Record<string, HostTensor> = {};
  let start = 0;
  for (const [part, [key, shape]] of Object.entries(shapes).entries()) {
    const size = sizes[part] ?? 0;
    const data = new Float32Array(rows.length * size);
    for (const [row, values] of rows.entries()) data.set(values.subarray(start, start + size), row * size);
    feeds[`${name}_${key}`] = float32(data, shape);
    start += size;
  }
  return feeds;
}

/** A tower that gives what is meant alone and not the look, from features instead of from the pixels that it is given:
 *  what the stages train. */
export const onFeatures = (
  tower: TunableImageTower,
  features: EyeFeatures,
  config: EyeConfig,
): TunableImageTower => ({
  ...meantOnly(tower, config),
  stem: [],
  build: (parameters, _pixels, hooks) => eyeHead(parameters, features, config, hooks),
});

/** The shape of a tower without the look. */
export const meantOnly = (tower: TunableImageTower, config: EyeConfig): TunableImageTower => ({
  ...tower,
  embedding: config.embedding,
  appearance: 0,
});
