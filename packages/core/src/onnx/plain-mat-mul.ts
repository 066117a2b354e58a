import { float, ints, numberAttribute, type Tensor } from './graph.js';
import { type Lowering, type NodeRecord, record } from './node-record.js';

/** A FusedMatMul, `alpha · A' · B'`, as Transpose, MatMul and Mul: the runtime's fused kernel exists for CPU and
 *  CUDA only, and on other providers every attention would travel to the CPU and back. */
export const plainMatMul: Lowering = (node) => {
  const [a, b] = node.inputs as readonly [Tensor, Tensor];
  const [y] = node.outputs as readonly [Tensor];
  const records: NodeRecord[] = [];
  const operand = (x: Tensor, flag: string): string => {
    if (numberAttribute(node, flag, 0) === 0) return x.name;
    const axes = x.shape.map((_, axis) => axis);
    const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
    const turned = `${y.name}/${flag}`;
    records.push(record('Transpose', [x.name], turned, { perm: ints(perm) }));
    return turned;
  };
  const inputs = [operand(a, 'transA'), operand(b, 'transB')];
  const scale = numberAttribute(node, 'alpha', 1);
  if (scale === 1) return [...records, record('MatMul', inputs, y.name)];
  const [product, factor] = [`${y.name}/product`, `${y.name}/alpha`];
  return [
    ...records,
    record('MatMul', inputs, product),
    record('Constant', [], factor, { value_float: float(scale) }),
    record('Mul', [product, factor], y.name),
  ];
};
