import { multiplyDims } from '../../onnx/dims.js';
import { numberAttribute, type Tensor } from '../../onnx/graph.js';
import { fusedMatMul, gemm, reshape } from '../../onnx/ops/index.js';
import { type GradientRule, inputAt, sumTo } from '../rule.js';

/** Gradients of `Y = α·A'·B'`, where the prime is an optional transpose:
 *  `dA' = α·dY·B'ᵀ`, `dB' = α·A'ᵀ·dY`; the transposes stay inside the kernels. */
function productGradients(
  product: (a: Tensor, b: Tensor, options: { transA: boolean; transB: boolean; alpha: number }) => Tensor,
  a: Tensor,
  b: Tensor,
  dy: Tensor,
  { transA, transB, alpha }: { transA: boolean; transB: boolean; alpha: number },
  wants: readonly boolean[],
): [Tensor | undefined, Tensor | undefined] {
  const da = () =>
    transA
      ? product(b, dy, { transA: transB, transB: true, alpha })
      : product(dy, b, { transA: false, transB: !transB, alpha });
  const db = () =>
    transB
      ? product(dy, a, { transA: true, transB: transA, alpha })
      : product(a, dy, { transA: !transA, transB: false, alpha });
  return [wants[0] ? da() : undefined, wants[1] ? db() : undefined];
}

const fused: GradientRule = (node, [dy], wants) => {
  if (!dy) return [];
  const a = inputAt(node, 0);
  const b = inputAt(node, 1);
  const options = {
    transA: numberAttribute(node, 'transA', 0) === 1,
    transB: numberAttribute(node, 'transB', 0) === 1,
    alpha: numberAttribute(node, 'alpha', 1),
  };
  // A weight shared by every leading slice: one flat product instead of a product for each and a sum.
  if (b.shape.length === 2 && a.shape.length > 2 && !options.transA) {
    const last = dy.shape.at(-1) ?? 1;
    const flatA = reshape(a, [a.shape.slice(0, -1).reduce(multiplyDims, 1), a.shape.at(-1) ?? 1]);
    const flatDy = reshape(dy, [dy.shape.slice(0, -1).reduce(multiplyDims, 1), last]);
    const [da, db] = productGradients(gemmProduct, flatA, b, flatDy, options, wants);
    return [da && reshape(da, a.shape), db];
  }
  const [da, db] = productGradients(fusedMatMul, a, b, dy, options, wants);
  return [da && sumTo(da, a), db && sumTo(db, b)];
};

const gemmProduct = (a: Tensor, b: Tensor, options: { transA: boolean; transB: boolean; alpha: number }) =>
  gemm(a, b, null, options);

export const linearRules: Readonly<Record<string, GradientRule>> = {
  MatMul: fused,
  FusedMatMul: fused,
  Gemm: (node, [dy], wants) => {
    if (!dy) return [];
    const options = {
      transA: numberAttribute(node, 'transA', 0) === 1,
      transB: numberAttribute(node, 'transB', 0) === 1,
      alpha: numberAttribute(node, 'alpha', 1),
    };
    const [da, db] = productGradients(gemmProduct, inputAt(node, 0), inputAt(node, 1), dy, options, wants);
    const c = node.inputs[2];
    return [da, db, c && wants[2] ? sumTo(dy, c) : undefined];
  },
};
