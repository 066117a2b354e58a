import { type Dim, type Shape, shapeText, sizeOf } from './dims.js';
import type { DType, DTypeArray, TensorData } from './dtype.js';
import { GraphError, ShapeError } from './errors.js';

/** A value of the graph: an input, an initializer or an output of a node. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The node that makes it; null for inputs and initializers. */
  readonly producer: Node | null;
}

export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] };

export interface Node {
  readonly op: string;
  /** Operator set; the empty string is ONNX's own. */
  readonly domain: '' | 'com.microsoft';
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Initializer {
  readonly tensor: Tensor;
  readonly data: TensorData;
}

/** What a graph is built for. Some functions have two forms that compute the same: one that suits the caches and threads of
 *  a processor, one that suits the thousands of threads of a graphics card. */
export type GraphTarget = 'cpu' | 'cuda' | 'webgpu';

export interface Graph {
  readonly name: string;
  readonly target: GraphTarget;
  readonly nodes: Node[];
  readonly inputs: Tensor[];
  readonly initializers: Initializer[];
  readonly outputs: { readonly name: string; readonly tensor: Tensor }[];
  readonly names: Set<string>;
  /** Small constants already made, by value, so that a scalar used a hundred times is stored once. */
  readonly constants: Map<string, Tensor>;
}

export const int = (value: number): Attribute => ({ type: 'int', value });
export const float = (value: number): Attribute => ({ type: 'float', value });
export const ints = (value: readonly number[]): Attribute => ({ type: 'ints', value });
export const text = (value: string): Attribute => ({ type: 'string', value });

/** A number among a node's attributes; `fallback` where there is none of the name. */
export function numberAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : fallback;
}

/** An empty graph. Tensors made in one graph cannot be used in another. */
export function createGraph(name: string, target: GraphTarget = 'cpu'): Graph {
  return {
    name,
    target,
    nodes: [],
    inputs: [],
    initializers: [],
    outputs: [],
    names: new Set(),
    constants: new Map(),
  };
}

function claimName(graph: Graph, name: string): string {
  if (graph.names.has(name)) throw new GraphError(`graph "${graph.name}": the name "${name}" is used twice`);
  graph.names.add(name);
  return name;
}

/** A value that is fed at each run. */
export function input(graph: Graph, name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  const tensor: Tensor = { graph, name: claimName(graph, name), dtype, shape, producer: null };
  graph.inputs.push(tensor);
  return tensor;
}

/** A value stored in the graph: a frozen weight or a constant.
 *  @throws {ShapeError} if the data does not fill the shape. */
export function initializer<T extends DType>(
  graph: Graph,
  name: string,
  shape: readonly number[],
  data: DTypeArray[T],
  dtype: T,
): Tensor {
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(`initializer "${name}": ${shapeText(shape)} does not hold ${data.length} elements`);
  }
  const tensor: Tensor = { graph, name: claimName(graph, name), dtype, shape, producer: null };
  graph.initializers.push({ tensor, data });
  return tensor;
}

/** A float32 constant; a number makes a scalar. */
export function constant(graph: Graph, value: number | Float32Array, shape: readonly number[] = []): Tensor {
  const data = typeof value === 'number' ? Float32Array.of(value) : value;
  return sharedConstant(graph, 'float32', data, shape);
}

/** An int64 constant; a number makes a scalar, a list a vector unless a shape is given. */
export function intConstant(
  graph: Graph,
  value: number | readonly number[],
  shape: readonly number[] = typeof value === 'number' ? [] : [value.length],
): Tensor {
  const values = typeof value === 'number' ? [value] : value;
  return sharedConstant(graph, 'int64', BigInt64Array.from(values, BigInt), shape);
}

function sharedConstant<T extends DType>(
  graph: Graph,
  dtype: T,
  data: DTypeArray[T],
  shape: readonly number[],
): Tensor {
  const make = () => initializer(graph, `const_${graph.names.size}`, shape, data, dtype);
  if (data.length > 16) return make();
  const key = `${dtype}|${shape.join(',')}|${data.join(',')}`;
  const known = graph.constants.get(key);
  if (known) return known;
  const tensor = make();
  graph.constants.set(key, tensor);
  return tensor;
}

/** @throws {ShapeError} unless all tensors hold elements of one type: ONNX converts nothing by itself. */
export function assertSameType(where: string, tensors: readonly Tensor[]): void {
  const [first, ...rest] = tensors;
  for (const tensor of rest) {
    if (tensor.dtype !== first?.dtype) {
      throw new ShapeError(`${where}: ${first?.dtype} and ${tensor.dtype} do not mix; cast one of them`);
    }
  }
}

export interface NodeSpec {
  readonly op: string;
  readonly domain?: '' | 'com.microsoft';
  readonly inputs: readonly (Tensor | null)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Adds a node with several outputs. Used by the operator functions in `ops/`, which check the shapes. */
export function emitMany(spec: NodeSpec, outputs: readonly { shape: Shape; dtype?: DType }[]): Tensor[] {
  const first = spec.inputs.find((tensor) => tensor !== null);
  if (!first) throw new GraphError(`${spec.op}: a node needs at least one input`);
  const { graph } = first;
  for (const tensor of spec.inputs) {
    if (tensor && tensor.graph !== graph) {
      throw new GraphError(
        `${spec.op}: "${tensor.name}" belongs to graph "${tensor.graph.name}", not "${graph.name}"`,
      );
    }
  }
  const made: Tensor[] = [];
  const node: Node = {
    op: spec.op,
    domain: spec.domain ?? '',
    inputs: spec.inputs,
    outputs: made,
    attributes: spec.attributes ?? {},
  };
  for (const output of outputs) {
    made.push({
      graph,
      name: claimName(graph, `${spec.op}_${graph.names.size}`),
      dtype: output.dtype ?? first.dtype,
      shape: output.shape,
      producer: node,
    });
  }
  graph.nodes.push(node);
  return made;
}

/** Adds a node with one output. */
export function emit(spec: NodeSpec, shape: readonly Dim[], dtype?: DType): Tensor {
  const [tensor] = emitMany(spec, [dtype ? { shape, dtype } : { shape }]);
  if (!tensor) throw new GraphError(`${spec.op}: no output`);
  return tensor;
}

/** Names a value as a result of the graph. */
export function output(graph: Graph, name: string, tensor: Tensor): void {
  if (tensor.graph !== graph) throw new GraphError(`output "${name}" belongs to another graph`);
  claimName(graph, name);
  graph.outputs.push({ name, tensor });
}
