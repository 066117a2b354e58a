import { queryTower } from '../../freestyle/query-tower.js';
import type { Tuning } from '../../freestyle/tuning.js';
import type { SmallConfig } from '../../models/small/config.js';
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
  readonly clusters: number;
}

/** InfoNCE of a query against frozen gallery vectors: `−log Σ_{j meant} softmax_j(logits)`. With the whole gallery
 *  in the sum every hard negative is in it; a query that means a class has several right answers. Most of the loss of a
 *  query with kin is the same sum over these: the very photo behind a free-hand drawing can hardly be told, so that
 *  aiming at it alone learns the training photos by heart, while its kind can. Without kin both parts are equal.
 *  Inputs: `pixels`, `bank` `[bank, embedding]` (unit rows), `meant` and `kin` uint8 `[batch, bank]`. */
export function queryObjective(
  graph: Graph,
  source: ParameterSource,
  config: SmallConfig,
  tuning: Tuning,
  shape: QueryObjectiveShape,
): Objective {
  const { size } = config.image;
  const pixels = input(graph, 'pixels', [shape.batch, size, size, 3], 'uint8');
  const bank = input(graph, 'bank', [shape.bank, config.embedding]);
  const meant = input(graph, 'meant', [shape.batch, shape.bank], 'uint8');
  const kin = input(graph, 'kin', [shape.batch, shape.bank], 'uint8');
  const { embedding } = queryTower(source, pixels, config, tuning, shape.clusters);
  const scale = exp(min(source('query.logit_scale', []), Math.log(100)));
  const probability = softmax(mul(fusedMatMul(embedding, bank, { transB: true }), scale));
  const surprise = (right: Tensor) =>
    neg(reduceMean(log(floorAt(reduceSum(mul(probability, cast(right, 'float32')), { axes: [1] })))));
  return { loss: add(mul(surprise(meant), 1 - KIN_SHARE), mul(surprise(kin), KIN_SHARE)) };
}

const KIN_SHARE = 0.75;

/** A floor under a probability, so that its logarithm and the gradient of that stay finite. */
const floorAt = (x: Tensor): Tensor => add(x, 1e-9);
