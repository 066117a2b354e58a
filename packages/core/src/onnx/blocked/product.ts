import { sameShape } from '../dims.js';
import { type Graph, type Node, numberAttribute, type Tensor } from '../graph.js';
import { convolutionOf } from './convolution.js';

/** How a matrix `M [a, b]` lies in memory. `rows`: row by row. `blocked`: its columns in blocks of c, `[b/c, a, c]`, which is a
 *  picture of `a` pixels with `b` channels, and as well `b` filters over `a` channels. `turned`: the same of its
 *  transpose. */
export type Form = 'rows' | 'blocked' | 'turned';
export type BlockedForm = Exclude<Form, 'rows'>;

/** `A' · B' + C` of matrices whose sizes are known, `[m, k] · [k, n]`. */
export interface Product {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly c: Tensor | null;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** One way to write a product as a convolution: which side is the picture and which are the filters, and how each has to
 *  lie. */
export interface Way {
  readonly picture: readonly [Tensor, BlockedForm];
  readonly filters: readonly [Tensor, BlockedForm];
  readonly result: BlockedForm;
}

/** With fewer multiplications no product is worth a look. */
const LEAST_WORK = 2 ** 22;

/** The product that a node computes; null if it is none, is scaled, or sizes are not known. */
export function productOf(node: Node): Product | null {
  if (node.op !== 'Gemm' || numberAttribute(node, 'alpha', 1) !== 1) return null;
  const [a, b, c = null] = node.inputs;
  const shape = node.outputs[0]?.shape;
  if (!a || !b || !shape || a.dtype !== 'float32' || (c && !sameShape(c.shape, shape))) return null;
  const [transA, transB] = [
    numberAttribute(node, 'transA', 0) === 1,
    numberAttribute(node, 'transB', 0) === 1,
  ];
  const [m, n, k] = [shape[0], shape[1], a.shape[transA ? 0 : 1]];
  if (typeof m !== 'number' || typeof n !== 'number' || typeof k !== 'number') return null;
  return { a, b, c, transA, transB, m, n, k };
}

/** The ways in which channels fill whole blocks: as it stands, rows being pixels, and transposed. */
export function waysOf({ a, b, transA, transB, m, n, k }: Product, block: number): Way[] {
  const fits = (...sizes: number[]) => sizes.every((size) => size % block === 0);
  const ways: Way[] = [];
  if (fits(n, k)) {
    ways.push({
      picture: [a, transA ? 'turned' : 'blocked'],
      filters: [b, transB ? 'turned' : 'blocked'],
      result: 'blocked',
    });
  }
  if (fits(m, k)) {
    ways.push({
      picture: [b, transB ? 'blocked' : 'turned'],
      filters: [a, transA ? 'blocked' : 'turned'],
      result: 'turned',
    });
  }
  return ways;
}

/** The vector that a node adds to every row of a matrix, if that is what it does. */
export function biasOf(node: Node, matrix: Tensor): Tensor | null {
  if (node.op !== 'Add') return null;
  const other = node.inputs[0] === matrix ? node.inputs[1] : node.inputs[0];
  const isVector = other?.shape.length === 1 && other.shape[0] === matrix.shape[1];
  return isVector ? other : null;
}

/** What is known before the first run: initializers, and what is computed from nothing else, which the runtime computes once
 *  when it compiles. */
export function constantsOf({ nodes, initializers }: Graph): ReadonlySet<Tensor> {
  const constants = new Set(initializers.map(({ tensor }) => tensor));
  for (const { inputs, outputs } of nodes) {
    if (inputs.every((tensor) => tensor === null || constants.has(tensor)))
      for (const tensor of outputs) constants.add(tensor);
  }
  return constants;
}

/** Whether there is a product or a convolution in the graph that the layout could be good for. A right side or filters that
 *  are constant are none: the runtime packs them once and for all. */
export function hasComputedWeights(graph: Graph): boolean {
  const constants = constantsOf(graph);
  return graph.nodes.some((node) => {
    const product = productOf(node);
    if (product) return product.m * product.n * product.k >= LEAST_WORK && !constants.has(product.b);
    const convolution = convolutionOf(node, 1);
    return convolution !== null && convolution.work >= LEAST_WORK && !constants.has(convolution.weight);
  });
}
