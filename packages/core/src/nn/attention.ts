import { type Dim, multiplyDims, staticDim } from '../onnx/dims.js';
import { constant, type Tensor } from '../onnx/graph.js';
import { add, fusedMatMul, reshape, softmax, transpose } from '../onnx/ops/index.js';

export interface AttentionShape {
  readonly batch: Dim;
  readonly heads: number;
  readonly queryTokens: number;
  readonly keyTokens: number;
}

/** Scaled dot-product attention (Vaswani et al. 2017) over rows.
 *  @param q `[batch·queryTokens, width]`. @param k `[batch·keyTokens, width]`. @param v like k.
 *  @param mask added to the logits, broadcast to `[batch, heads, queryTokens, keyTokens]`.
 *  @returns `[batch·queryTokens, width]`. */
export function attention(q: Tensor, k: Tensor, v: Tensor, shape: AttentionShape, mask?: Tensor): Tensor {
  const width = staticDim(q.shape, 1, 'attention');
  const headDim = width / shape.heads;
  const split = (x: Tensor, tokens: number) =>
    transpose(reshape(x, [shape.batch, tokens, shape.heads, headDim]), [0, 2, 1, 3]);
  const logits = fusedMatMul(split(q, shape.queryTokens), split(k, shape.keyTokens), {
    transB: true,
    alpha: 1 / Math.sqrt(headDim),
  });
  const weights = softmax(mask ? add(logits, mask) : logits);
  const mixed = fusedMatMul(weights, split(v, shape.keyTokens));
  return reshape(transpose(mixed, [0, 2, 1, 3]), [multiplyDims(shape.batch, shape.queryTokens), width]);
}

/** Large enough that its exponential is zero, small enough that a sum of two stays finite in float16. */
const BLOCKED = -30_000;

/** Mask under which a token sees itself and what came before: `[tokens, tokens]`. */
export function causalMask(like: Tensor, tokens: number): Tensor {
  const data = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++) {
    for (let column = row + 1; column < tokens; column++) data[row * tokens + column] = BLOCKED;
  }
  return constant(like.graph, data, [tokens, tokens]);
}
