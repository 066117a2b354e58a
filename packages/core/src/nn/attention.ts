import { type Dim, multiplyDims, staticDim } from '../onnx/dims.js';
import { constant, type Tensor } from '../onnx/graph.js';
import { add, fusedMatMul, reshape, softmax, split, transpose } from '../onnx/ops/index.js';

export interface HeadShape {
  readonly batch: Dim;
  readonly heads: number;
  readonly tokens: number;
  /** Matrices that stand side by side in the rows; 1 by default. */
  readonly parts?: number;
}

/** Cuts rows into heads: `[batch·tokens, parts·width]` → for each part `[batch, heads, tokens, width / heads]`. Queries, keys
 *  and values that come side by side are turned in one piece. */
export function toHeads(x: Tensor, { batch, heads, tokens, parts = 1 }: HeadShape): Tensor[] {
  const headDim = staticDim(x.shape, 1, 'attention') / (heads * parts);
  const turned = transpose(reshape(x, [batch, tokens, parts * heads, headDim]), [0, 2, 1, 3]);
  return parts === 1 ? [turned] : split(turned, 1, new Array<number>(parts).fill(heads));
}

/** Scaled dot-product attention (Vaswani et al. 2017).
 *  @param q `[batch, heads, queryTokens, headDim]`. @param k `[batch, heads, keyTokens, headDim]`. @param v like k.
 *  @param mask added to the logits, broadcast to `[batch, heads, queryTokens, keyTokens]`.
 *  @returns rows `[batch·queryTokens, heads·headDim]`. */
export function attention(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  const [batch = 1] = q.shape;
  const [heads, tokens, headDim] = [1, 2, 3].map((axis) => staticDim(q.shape, axis, 'attention')) as [
    number,
    number,
    number,
  ];
  const logits = fusedMatMul(q, k, { transB: true, alpha: 1 / Math.sqrt(headDim) });
  const weights = softmax(mask ? add(logits, mask) : logits);
  const mixed = transpose(fusedMatMul(weights, v), [0, 2, 1, 3]);
  return reshape(mixed, [multiplyDims(batch, tokens), heads * headDim]);
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
