import { type QueryTowerShape, queryTower } from '../../freestyle/query-tower.js';
import { queryTextTower } from '../../freestyle/text-prompts.js';
import type { ParameterSource } from '../../nn/parameters.js';
import { type Graph, input, type Tensor } from '../../onnx/graph.js';
import {
  add,
  cast,
  exp,
  fusedMatMul,
  log,
  min,
  mul,
  neg,
  reduceMean,
  reduceSum,
  softmax,
} from '../../onnx/ops/index.js';
import type { Objective } from '../training-step.js';

export interface QueryObjectiveShape {
  readonly batch: number;
  /** Gallery photos that each query is ranked against in the loss. */
  readonly bank: number;
  /** Texts in the batch, beside the pictures; 0 without text prompts. */
  readonly texts?: number;
}

/** InfoNCE of a query against frozen gallery vectors: `−log Σ_{j meant} softmax_j(logits)`. With the whole gallery
 *  in the sum every hard negative is in it; a query that means a class has several right answers. Most of the loss of a
 *  query with kin is the same sum over these: the very photo behind a free-hand drawing can hardly be told, so that
 *  aiming at it alone learns the training photos by heart, while its kind can. Without kin both parts are equal.
 *  Inputs: `pixels`, `bank` `[bank, embedding]` (unit rows), `meant` and `kin` uint8 `[batch, bank]`; with texts also
 *  those of the text tower and `text_meant` uint8 `[texts, bank]`. Every query counts alike, a picture or a text. */
export function queryObjective(
  graph: Graph,
  source: ParameterSource,
  query: QueryTowerShape,
  shape: QueryObjectiveShape,
): Objective {
  const { size, embedding: width } = query.tower;
  const pixels = input(graph, 'pixels', [shape.batch, size, size, 3], 'uint8');
  const bank = input(graph, 'bank', [shape.bank, width]);
  const meant = input(graph, 'meant', [shape.batch, shape.bank], 'uint8');
  const kin = input(graph, 'kin', [shape.batch, shape.bank], 'uint8');
  const { embedding } = queryTower(source, pixels, query);
  const scale = exp(min(source('query.logit_scale', []), Math.log(100)));
  const probabilityOf = (queries: Tensor) =>
    softmax(mul(fusedMatMul(queries, bank, { transB: true }), scale));
  const probability = probabilityOf(embedding);
  const surprise = (right: Tensor, found = probability) =>
    neg(reduceMean(log(floorAt(reduceSum(mul(found, cast(right, 'float32')), { axes: [1] })))));
  const pictures = add(mul(surprise(meant), 1 - KIN_SHARE), mul(surprise(kin), KIN_SHARE));
  const { texts = 0, batch } = shape;
  if (texts === 0 || !query.text) return { loss: pictures };
  const textMeant = input(graph, 'text_meant', [texts, shape.bank], 'uint8');
  const words = queryTextTower(graph, source, query.text, query.tuning, texts);
  const all = batch + texts;
  return {
    loss: add(mul(pictures, batch / all), mul(surprise(textMeant, probabilityOf(words)), texts / all)),
  };
}

const KIN_SHARE = 0.75;

/** A floor under a probability, so that its logarithm and the gradient of that stay finite. */
const floorAt = (x: Tensor): Tensor => add(x, 1e-9);
