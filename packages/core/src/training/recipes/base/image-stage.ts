import type { SmallConfig } from '../../../models/small/config.js';
import { gridSize, imageTower, normalisePixels } from '../../../models/small/image-tower.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { linear } from '../../../nn/linear.js';
import { type Parameter, type ParameterSource, within } from '../../../nn/parameters.js';
import { type Graph, input, type Tensor } from '../../../onnx/graph.js';
import { add, mul, reduceMean, reshape, slice, sub } from '../../../onnx/ops/index.js';
import type { Random } from '../../../random.js';
import { float32, type HostTensor, hostTensor } from '../../../runtime/session.js';
import { adamW } from '../../adamw.js';
import { GROUP, inGroups, rowsOf } from '../../in-groups.js';
import { cosineLoss, infoNce } from '../../losses.js';
import type { Recipe } from '../../recipe.js';
import { TEACHER_WIDTH } from './distillation-views.js';
import type { ViewStore } from './view-store.js';

/** One part of the run, of two at most: how many of the patches are shown, for how many steps. */
export interface ImagePhase {
  readonly tokens: number;
  readonly steps: number;
}

export interface ImageStageOptions {
  readonly config: SmallConfig;
  /** `image.*`, `distil.*`, `layout.*` learn; `bridge.weight` and `logit_scale` are those of the text stage. */
  readonly weights: Map<string, Parameter>;
  readonly views: ViewStore;
  readonly batch: number;
  /** The first of a batch are captioned pictures; the others only have the teacher to learn from. */
  readonly captioned: number;
  /** Draws the views of one batch, and a unit vector of the joint space for the caption of each captioned one. */
  readonly draw: (random: Random) => Promise<{ readonly views: number[]; readonly captions: Float32Array }>;
  readonly phases: readonly ImagePhase[];
  readonly rate: (step: number) => number;
  readonly seed: number;
}

/** Cells on a side of the colour layout that the embedding must still tell. */
const LAYOUT = 4;
export const LAYOUT_WIDTH = LAYOUT * LAYOUT * 3;

/** Mean colour of each cell of a 4 × 4 grid: uint8 `[batch, size, size, 3]` → `[batch, 48]` in [−1, 1]. */
function colourLayout(pixels: Tensor, batch: number, size: number): Tensor {
  const cell = size / LAYOUT;
  const cells = reshape(normalisePixels(pixels), [batch, 3, LAYOUT, cell, LAYOUT, cell]);
  return reshape(reduceMean(cells, { axes: [3, 5] }), [batch, LAYOUT_WIDTH]);
}

/** The student's losses: the teacher's features and its place in the joint space, the caption among the captions
 *  of the batch, and a little of the colour layout, which the teacher throws away but which a thumbnail shares
 *  with its photo. */
function objective(graph: Graph, source: ParameterSource, options: ImageStageOptions, tokens: number) {
  const { config, batch, captioned } = options;
  const pixels = input(graph, 'pixels', [batch, config.image.size, config.image.size, 3], 'uint8');
  const teacher = input(graph, 'teacher', [batch, TEACHER_WIDTH]);
  const captions = input(graph, 'captions', [captioned, config.embedding]);
  const all = gridSize(config) ** 2;
  const rows = tokens < all ? input(graph, 'rows', [batch * tokens], 'int64') : null;
  const [pooled, embedding] = inGroups(pixels.graph, batch, (start, end) => {
    const keep = rows ? { keep: { rows: rowsOf(rows, start * tokens, end * tokens), count: tokens } } : {};
    const out = imageTower(within(source, 'image'), rowsOf(pixels, start, end), config, keep);
    return [out.pooled, out.embedding];
  }) as [Tensor, Tensor];
  const unit = l2Normalise(embedding);
  const copied = linear(within(source, 'distil'), pooled, config.image.width, TEACHER_WIDTH);
  const feature = cosineLoss(l2Normalise(copied), l2Normalise(teacher));
  const bridge = linear(within(source, 'bridge'), teacher, TEACHER_WIDTH, config.embedding, { bias: false });
  const place = cosineLoss(unit, l2Normalise(bridge));
  const shown = slice(unit, [{ axis: 0, start: 0, end: captioned }]);
  const words = infoNce(shown, captions, source('logit_scale', []));
  // Times √embedding, so that the layout map sees elements of about unit size.
  const told = linear(
    within(source, 'layout'),
    mul(unit, Math.sqrt(config.embedding)),
    config.embedding,
    LAYOUT_WIDTH,
  );
  const error = sub(told, colourLayout(pixels, batch, config.image.size));
  const layout = reduceMean(mul(error, error));
  const loss = add(add(feature, place), add(mul(words, 0.25), layout));
  return { loss, metrics: { feature, place, words, layout } };
}

/** A random choice of patches for each picture, as rows of its group's patch matrix. */
function keptRows(batch: number, all: number, tokens: number, random: Random): BigInt64Array {
  const rows = new BigInt64Array(batch * tokens);
  const order = Int32Array.from({ length: all }, (_, index) => index);
  for (let picture = 0; picture < batch; picture++) {
    random.shuffle(order);
    for (let slot = 0; slot < tokens; slot++) {
      rows[picture * tokens + slot] = BigInt((picture % GROUP) * all + (order[slot] ?? 0));
    }
  }
  return rows;
}

/** The image tower from nothing. Most of the run shows half of the patches (Li et al. 2023, FLIP): a step costs two
 *  thirds and the picture changes each time; the last phase shows them all. */
export function imageRecipe(options: ImageStageOptions): Recipe {
  const { weights, phases, batch, seed, rate } = options;
  const [first] = phases;
  return {
    ...{ name: 'image-stage', seed, weights, rate },
    phases: phases.map(({ tokens, steps }) => ({
      name: `image-${tokens}`,
      steps,
      trainable: (name) => /^(image|distil|layout)\./.test(name),
      loss: (graph, source) => objective(graph, source, options, tokens),
    })),
    optimiser: adamW({ beta2: 0.98, weightDecay: (_, p) => (p.shape.length > 1 ? 0.05 : 0) }),
    clipNorm: 1,
    batches: async (step, random) => {
      const phase = first && step < first.steps ? first : phases.at(-1);
      return [await drawFeeds(options, phase?.tokens ?? 0, random)];
    },
    images: batch,
  };
}

async function drawFeeds(
  options: ImageStageOptions,
  tokens: number,
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { config, batch } = options;
  const { size } = config.image;
  const drawn = await options.draw(random);
  const feeds: Record<string, HostTensor> = {
    pixels: hostTensor('uint8', await options.views.pixels(drawn.views), [batch, size, size, 3]),
    teacher: float32(options.views.features(drawn.views), [batch, TEACHER_WIDTH]),
    captions: float32(drawn.captions, [options.captioned, config.embedding]),
  };
  const all = gridSize(config) ** 2;
  if (tokens < all) {
    feeds.rows = hostTensor('int64', keptRows(batch, all, tokens, random), [batch * tokens]);
  }
  return feeds;
}
