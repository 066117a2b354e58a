import { type Dim, sizeOf } from '../dims.js';
import { type Node, numberAttribute, type Tensor } from '../graph.js';

export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

/** A convolution of `[n, c, h, w]` with one group and sizes that are known. */
export interface Convolution extends Geometry {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  /** Fewer channels than a block has: they are read as they stand, not in blocks. */
  readonly isNarrow: boolean;
  /** Multiplications. */
  readonly work: number;
}

/** The convolution that a node computes; null if it is none, or its channels do not fill blocks of this size. */
export function convolutionOf(node: Node, block: number): Convolution | null {
  if (node.op !== 'Conv' || numberAttribute(node, 'group', 1) !== 1) return null;
  const [x, weight, bias = null] = node.inputs;
  const [y] = node.outputs;
  const geometry = geometryOf(node);
  if (!x || !weight || !y || !geometry || x.dtype !== 'float32' || [x, weight].some(isOfUnknownSize))
    return null;
  const [filters, ...window] = weight.shape as number[] as [number, number, number, number];
  const [channels] = window;
  const isNarrow = channels < block;
  if (filters % block !== 0 || !(isNarrow || channels % block === 0)) return null;
  const work = [...(y.shape as number[]), ...window].reduce((a, b) => a * b, 1);
  return { x, weight, bias, isNarrow, ...geometry, work };
}

function geometryOf({ attributes }: Node): Geometry | null {
  const { kernel_shape: kernel, strides, pads } = attributes;
  if (kernel?.type !== 'ints' || strides?.type !== 'ints' || pads?.type !== 'ints') return null;
  return { kernel: kernel.value, strides: strides.value, pads: pads.value };
}

const isOfUnknownSize = ({ shape }: Tensor): boolean => shape.some((dim: Dim) => typeof dim !== 'number');

/** Every `stride`th line of what a transposed convolution makes: a convolution of stride 1 by the taps that reach it. */
export interface Phase {
  /** Taps of the kernel, in the order in which they lie on what is read. */
  readonly taps: readonly number[];
  /** Lines of zeros before and after what is read. */
  readonly pads: readonly [number, number];
}

/** A transposed convolution of `[n, o, h', w']` by filters `[o, c, kh, kw]`, taken apart. */
export interface TransposedConvolution {
  readonly x: Tensor;
  readonly weight: Tensor;
  /** By row and by column: as many as its stride. */
  readonly phases: readonly [readonly Phase[], readonly Phase[]];
  readonly work: number;
}

/** The transposed convolution that a node computes; null if it is none, its channels do not fill blocks of this size, or it
 *  does not come apart into phases that are equally large. */
export function transposedConvolutionOf(node: Node, block: number): TransposedConvolution | null {
  if (node.op !== 'ConvTranspose' || numberAttribute(node, 'group', 1) !== 1) return null;
  const [x, weight] = node.inputs;
  const [y] = node.outputs;
  const geometry = geometryOf(node);
  if (!x || !weight || !y || !geometry || x.dtype !== 'float32' || [x, weight, y].some(isOfUnknownSize))
    return null;
  const [filters = 1, channels = 1] = weight.shape as number[];
  if (filters % block !== 0 || channels % block !== 0) return null;
  const [rows, columns] = [0, 1].map((axis) => {
    const [from, to] = [x, y].map(({ shape }) => shape[axis + 2] as number) as [number, number];
    const [kernel = 1, stride = 1, padding = 0] = [geometry.kernel, geometry.strides, geometry.pads].map(
      (sizes) => sizes[axis],
    );
    return phasesOf({ kernel, stride, padding, from, to });
  });
  if (!rows || !columns) return null;
  const work = ((sizeOf(x.shape) as number) * (sizeOf(weight.shape) as number)) / filters;
  return { x, weight, phases: [rows, columns], work };
}

/** Along one axis, line `stride·m + phase` of `to` lines is the sum over o of line `m + o` of `from` lines under the tap
 *  `phase + padding − stride·o`. Null if some phase has no tap or fewer lines, or would leave lines out. */
function phasesOf(axis: Record<'kernel' | 'stride' | 'padding' | 'from' | 'to', number>): Phase[] | null {
  const { kernel, stride, padding, from, to } = axis;
  if (to % stride !== 0 || kernel < stride) return null;
  const phases = Array.from({ length: stride }, (_, phase): Phase => {
    const first = Math.ceil((phase + padding - kernel + 1) / stride);
    const last = Math.floor((phase + padding) / stride);
    const taps = Array.from({ length: last - first + 1 }, (_, at) => phase + padding - stride * (first + at));
    return { taps, pads: [0 - first, to / stride - from + first + taps.length - 1] };
  });
  return phases.every(({ pads }) => pads.every((pad) => pad >= 0)) ? phases : null;
}
