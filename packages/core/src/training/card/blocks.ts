import type { Parameter, ParameterMap } from '../../nn/parameters.js';
import { constant, type Graph, type Tensor } from '../../onnx/graph.js';
import { concat, reshape, split } from '../../onnx/ops/index.js';

/** Weights that lie one after the other in one array, because a card does one large update much faster than a hundred small
 *  ones. All of them learn at the same rate and decay alike. */
export interface Block {
  readonly members: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly size: number;
  }[];
  /** Elements, with zeros at the end up to a multiple of {@link ROWS}. */
  readonly size: number;
  /** Factor on the learning rate. */
  readonly rate: number;
  readonly decay: number;
}

/** Parts that the norm of a block is summed in, side by side. */
export const ROWS = 256;

/** Elements of a block at most, 64 MB: a card binds 128 MB at once at least, and what an update needs beside a block is as
 *  large as the block. A weight that is larger has a block to itself. */
const MOST = 2 ** 24;

/** Lays weights out in blocks, in their order. */
export function layOut(
  weights: ParameterMap,
  rateOf: (name: string) => number,
  decayOf: (name: string, weight: Parameter) => number,
): Block[] {
  const open = new Map<
    string,
    { members: Block['members'][number][]; size: number; rate: number; decay: number }
  >();
  const blocks: { members: Block['members'][number][]; size: number; rate: number; decay: number }[] = [];
  for (const [name, weight] of weights) {
    const [rate, decay, size] = [rateOf(name), decayOf(name, weight), weight.data.length];
    const key = `${rate} ${decay}`;
    let block = open.get(key);
    if (!block || block.size + size > MOST) {
      block = { members: [], size: 0, rate, decay };
      open.set(key, block);
      blocks.push(block);
    }
    block.members.push({ name, shape: weight.shape, size });
    block.size += size;
  }
  return blocks.map((block) => ({ ...block, size: Math.ceil(block.size / ROWS) * ROWS }));
}

/** The arrays of a block's members, by name, in one. */
export function packed(block: Block, arrayOf: (name: string) => Float32Array): Float32Array {
  const flat = new Float32Array(block.size);
  let start = 0;
  for (const { name, size } of block.members) {
    flat.set(arrayOf(name), start);
    start += size;
  }
  return flat;
}

/** {@link packed} the other way: fills the members' arrays. */
export function unpack(block: Block, flat: Float32Array, arrayOf: (name: string) => Float32Array): void {
  let start = 0;
  for (const { name, size } of block.members) {
    arrayOf(name).set(flat.subarray(start, start + size));
    start += size;
  }
}

const restOf = (block: Block): number => block.size - block.members.reduce((sum, { size }) => sum + size, 0);

/** A block's members as tensors of their shapes. */
export function membersOf(flat: Tensor, block: Block): Map<string, Tensor> {
  const rest = restOf(block);
  const sizes = [...block.members.map(({ size }) => size), ...(rest > 0 ? [rest] : [])];
  const parts = splitInTurns(flat, sizes);
  return new Map(
    block.members.map(({ name, shape }, index) => [name, reshape(parts[index] as Tensor, shape)]),
  );
}

/** Tensors of a block's members as one, zeros at the end. */
export function joined(graph: Graph, block: Block, tensors: ReadonlyMap<string, Tensor>): Tensor {
  const rest = restOf(block);
  const parts = block.members.map(({ name, size }) => reshape(tensors.get(name) as Tensor, [size]));
  const zeros = rest > 0 ? [constant(graph, new Float32Array(rest), [rest])] : [];
  return concatInTurns([...parts, ...zeros]);
}

/** Tensors that a kernel of the `webgpu` provider takes beside one other: a card binds eight buffers at least. */
const BOUND = 7;

const mostOf = ({ target }: Graph): number => (target === 'webgpu' ? BOUND : Number.POSITIVE_INFINITY);

/** Splits a vector, in several turns where a kernel cannot make as many parts at once. */
function splitInTurns(x: Tensor, sizes: readonly number[]): Tensor[] {
  const most = mostOf(x.graph);
  if (sizes.length === 1) return [x];
  if (sizes.length <= most) return split(x, 0, sizes);
  const each = Math.ceil(sizes.length / most);
  const groups = Array.from({ length: Math.ceil(sizes.length / each) }, (_, at) =>
    sizes.slice(at * each, (at + 1) * each),
  );
  const sums = groups.map((group) => group.reduce((sum, size) => sum + size, 0));
  return split(x, 0, sums).flatMap((part, at) => splitInTurns(part, groups[at] ?? []));
}

function concatInTurns(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (parts.length === 1 && first) return first;
  const most = mostOf((first as Tensor).graph);
  if (parts.length <= most) return concat(parts, 0);
  const groups = Array.from({ length: Math.ceil(parts.length / most) }, (_, at) =>
    concatInTurns(parts.slice(at * most, (at + 1) * most)),
  );
  return concatInTurns(groups);
}
