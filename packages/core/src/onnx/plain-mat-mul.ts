import { type Attribute, float, ints, type Node, type Tensor } from './graph.js';

/** A node as it is written: values by name. */
export interface NodeRecord {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** How a node of the graph is written: as one node or as several that compute the same. */
export type Lowering = (node: Node) => NodeRecord[];

const plain = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: NodeRecord['attributes'] = {},
): NodeRecord => ({ op, domain: '', inputs, outputs: [output], attributes });

/** A FusedMatMul, `alpha · A' · B'`, as Transpose, MatMul and Mul: the runtime's fused kernel exists for CPU and
 *  CUDA only, and on other providers every attention would travel to the CPU and back. */
export const plainMatMul: Lowering = (node) => {
  const [a, b] = node.inputs as readonly [Tensor, Tensor];
  const [y] = node.outputs as readonly [Tensor];
  const records: NodeRecord[] = [];
  const operand = (x: Tensor, flag: string): string => {
    const attribute = node.attributes[flag];
    if (attribute?.type !== 'int' || attribute.value === 0) return x.name;
    const axes = x.shape.map((_, axis) => axis);
    const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
    const turned = `${y.name}/${flag}`;
    records.push(plain('Transpose', [x.name], turned, { perm: ints(perm) }));
    return turned;
  };
  const inputs = [operand(a, 'transA'), operand(b, 'transB')];
  const alpha = node.attributes.alpha;
  const scale = alpha?.type === 'float' ? alpha.value : 1;
  if (scale === 1) return [...records, plain('MatMul', inputs, y.name)];
  const [product, factor] = [`${y.name}/product`, `${y.name}/alpha`];
  return [
    ...records,
    plain('MatMul', inputs, product),
    plain('Constant', [], factor, { value_float: float(scale) }),
    plain('Mul', [product, factor], y.name),
  ];
};
