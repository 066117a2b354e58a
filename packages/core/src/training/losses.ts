import { staticDim } from '../onnx/dims.js';
import { constant, type Tensor } from '../onnx/graph.js';
import {
  add,
  exp,
  fusedMatMul,
  logSoftmax,
  mul,
  neg,
  reduceMean,
  reduceSum,
  relu,
  sub,
} from '../onnx/ops/index.js';

/** Mean of `1 − cos` between rows of unit length. */
export const cosineLoss = (a: Tensor, b: Tensor): Tensor =>
  sub(constant(a.graph, 1), reduceMean(reduceSum(mul(a, b), { axes: [-1] })));

/** Cross-entropy of each row with its diagonal element as the right one. */
function diagonalCrossEntropy(logits: Tensor): Tensor {
  const count = staticDim(logits.shape, 0, 'InfoNCE');
  const eye = new Float32Array(count * count);
  for (let row = 0; row < count; row++) eye[row * count + row] = 1 / count;
  return neg(reduceSum(mul(logSoftmax(logits), constant(logits.graph, eye, [count, count]))));
}

/** InfoNCE (van den Oord et al. 2018) over a batch: row i of `a` means row i of `b`.
 *  @param a `[n, d]`, unit rows. @param b `[n, d]`, unit rows. @param logScale scalar, log of 1/temperature.
 *  @param blocked `[n, n]` added to the logits: a large negative number where two rows share their target.
 *  @returns a scalar; symmetric (both directions) as in CLIP unless told otherwise. */
export function infoNce(
  a: Tensor,
  b: Tensor,
  logScale: Tensor,
  options: { readonly symmetric?: boolean; readonly blocked?: Tensor } = {},
): Tensor {
  const direction = (x: Tensor, y: Tensor) => {
    const logits = mul(fusedMatMul(x, y, { transB: true }), exp(logScale));
    return diagonalCrossEntropy(options.blocked ? add(logits, options.blocked) : logits);
  };
  if (options.symmetric === false) return direction(a, b);
  return mul(add(direction(a, b), direction(b, a)), 0.5);
}

/** Triplet loss `max(0, d(a, p) − d(a, n) + margin)` with `d = 1 − cos`, unit rows (Schroff et al. 2015). */
export function tripletLoss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: number): Tensor {
  const cosine = (x: Tensor, y: Tensor) => reduceSum(mul(x, y), { axes: [-1] });
  return reduceMean(relu(add(sub(cosine(anchor, negative), cosine(anchor, positive)), margin)));
}
