import { type QueryTowerShape, queryTower } from '../../../freestyle/query-tower.js';
import { queryTextTower } from '../../../freestyle/text-prompts.js';
import type { ParameterSource } from '../../../nn/parameters.js';
import { staticDim } from '../../../onnx/dims.js';
import { constant, type Graph, input, type Tensor } from '../../../onnx/graph.js';
import {
  add,
  cast,
  concat,
  exp,
  fusedMatMul,
  log,
  max,
  min,
  mul,
  neg,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  slice,
  softmax,
  sub,
} from '../../../onnx/ops/index.js';
import { inGroups, rowsOf } from '../../in-groups.js';
import type { Objective } from '../../training-step.js';

export const QUERY_LOSSES = ['infonce', 'triplet'] as const;
export type QueryLoss = (typeof QUERY_LOSSES)[number];

export interface QueryObjectiveShape {
  readonly batch: number;
  /** Gallery photos that each query is ranked against in the loss; the photos of the batch in the symmetric mode. */
  readonly bank: number;
  /** Texts in the batch, beside the pictures; 0 without text prompts. */
  readonly texts?: number;
  readonly loss?: QueryLoss;
  /** Weight of staying near the untrained tower's vectors; 0 when absent. */
  readonly keep?: number;
}

/** InfoNCE of a query against gallery vectors: `−log Σ_{j positive} softmax_j(logits)`. With the whole gallery
 *  in the sum every hard negative is in it; a query of a class has several positives. Most of the loss of a query
 *  whose photo has a class is the same sum over the photos of that class: the very photo of a free-hand drawing can
 *  hardly be told, so that aiming at it alone learns the training photos by heart, while its class can. Without a class
 *  both parts are equal.
 *  Or the triplet loss, see {@link hardestTriplet}, with the same weights.
 *  Inputs: `pixels`, `bank` `[bank, embedding]` (unit rows), `positives` and `same_class` uint8 `[batch, bank]`; with texts also
 *  those of the text tower and `text_positives` uint8 `[texts, bank]`; in the symmetric mode `photos` in place of `bank`,
 *  as many as queries; with `keep` also `frozen` `[batch, embedding]` and `kept` `[batch, 1]`, see {@link nearFrozen}.
 *  Every query counts alike, a picture or a text. */
export function queryObjective(
  graph: Graph,
  source: ParameterSource,
  query: QueryTowerShape,
  shape: QueryObjectiveShape,
): Objective {
  const { size, embedding: width } = query.tower;
  const { texts = 0, batch, keep = 0 } = shape;
  const pixels = input(graph, 'pixels', [batch, size, size, 3], 'uint8');
  const { queries, bank } = query.tuning.symmetric
    ? bothSides(graph, source, pixels, query, batch)
    : {
        queries: embed(source, pixels, query),
        bank: input(graph, 'bank', [shape.bank, width]),
      };
  const positives = cast(input(graph, 'positives', [batch, shape.bank], 'uint8'), 'float32');
  const sameClass = cast(input(graph, 'same_class', [batch, shape.bank], 'uint8'), 'float32');
  const scale = exp(min(source('query.logit_scale', []), Math.log(100)));
  const lossOf = (rows: Tensor) => {
    const cosines = fusedMatMul(rows, bank, { transB: true });
    if (shape.loss === 'triplet')
      // Photos of the same class are masked: they are no negatives.
      return (right: Tensor, masked: Tensor) => hardestTriplet(cosines, right, masked);
    const probability = softmax(mul(cosines, scale));
    return (right: Tensor) =>
      neg(reduceMean(log(floorAt(reduceSum(mul(probability, right), { axes: [1] })))));
  };
  const pictureLoss = lossOf(queries);
  const pictures = add(
    mul(pictureLoss(positives, max(positives, sameClass)), 1 - CLASS_SHARE),
    mul(pictureLoss(sameClass, max(positives, sameClass)), CLASS_SHARE),
  );
  const near = keep > 0 ? mul(nearFrozen(graph, queries, batch, width), keep) : null;
  const withKeep = (loss: Tensor): Objective => ({ loss: near ? add(loss, near) : loss });
  if (texts === 0 || !query.text) return withKeep(pictures);
  const textPositives = cast(input(graph, 'text_positives', [texts, shape.bank], 'uint8'), 'float32');
  const words = queryTextTower(graph, source, query.text, query.tuning, texts);
  const all = batch + texts;
  const textLoss = lossOf(words)(textPositives, textPositives);
  return withKeep(add(mul(pictures, batch / all), mul(textLoss, texts / all)));
}

/** The tower's vectors of the pictures, `[batch, embedding]`. */
function embed(source: ParameterSource, pixels: Tensor, query: QueryTowerShape): Tensor {
  const [embedding] = inGroups(pixels.graph, staticDim(pixels.shape, 0, 'query objective'), (start, end) => [
    queryTower(source, rowsOf(pixels, start, end), query).embedding,
  ]);
  return embedding as Tensor;
}

/** Share of the class in the loss of a query whose photo has one. With a quarter left for the very photo, sketches of
 *  photos are still told apart; with more of it the training photos are learned by heart (docs/experiments.md). */
const CLASS_SHARE = 0.75;

/** Margin of the triplet loss in cosine, as the paper's code has it within a factor of two. */
const MARGIN = 0.2;

/** Puts a cosine out of the running for the largest or smallest. */
const OUT = 4;

/** A floor under a probability, so that its logarithm and the gradient of that stay finite. */
const floorAt = (x: Tensor): Tensor => add(x, 1e-9);

/** Both sides by the tuned tower, in one pass, as the paper trains: the photos get prompts of their own style. */
function bothSides(
  graph: Graph,
  source: ParameterSource,
  pixels: Tensor,
  query: QueryTowerShape,
  batch: number,
): { readonly queries: Tensor; readonly bank: Tensor } {
  const { size } = query.tower;
  const photos = input(graph, 'photos', [batch, size, size, 3], 'uint8');
  const embedding = embed(source, concat([pixels, photos], 0), query);
  return {
    queries: slice(embedding, [{ axis: 0, start: 0, end: batch }]),
    bank: slice(embedding, [{ axis: 0, start: batch, end: 2 * batch }]),
  };
}

/** Triplet loss with the hardest negative of the bank (Hermans et al. 2017) and the nearest right photo:
 *  `mean max(0, max_{n ∉ masked} cos(q, n) − max_{p ∈ right} cos(q, p) + margin)`. */
function hardestTriplet(cosines: Tensor, right: Tensor, masked: Tensor): Tensor {
  const best = (barred: Tensor) => reduceMax(sub(cosines, mul(barred, OUT)), { axes: [1] });
  return reduceMean(relu(add(sub(best(masked), best(sub(constant(right.graph, 1), right))), MARGIN)));
}

/** Mean `1 − cos` to what the untrained tower makes of the same views, over the rows marked in `kept` (their weights add
 *  up to 1): photos and paintings, which it reads better than a few hundred steps of other styles would leave it. */
function nearFrozen(graph: Graph, queries: Tensor, batch: number, width: number): Tensor {
  const frozen = input(graph, 'frozen', [batch, width]);
  const kept = input(graph, 'kept', [batch, 1]);
  const cosine = reduceSum(mul(queries, frozen), { axes: [1], keepDims: true });
  return reduceSum(mul(sub(constant(graph, 1), cosine), kept));
}
