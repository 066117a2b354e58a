import type { Tensor } from '../onnx/graph.js';
import { div, max, mul, reduceSum, sqrt } from '../onnx/ops/index.js';

/** Rows scaled to unit length; a row of zeros stays zeros. */
export function l2Normalise(x: Tensor): Tensor {
  const square = reduceSum(mul(x, x), { axes: [-1], keepDims: true });
  // The floor keeps the gradient of a zero row finite.
  return div(x, sqrt(max(square, 1e-12)));
}
