import {
  type Dim,
  normaliseAxis,
  type Shape,
  sameDim,
  sameShape,
  shapeText,
  sizeOf,
  staticShape,
} from '../dims.js';
import { ShapeError } from '../errors.js';
import {
  assertSameType,
  constant,
  emit,
  emitMany,
  int,
  intConstant,
  ints,
  type Tensor,
  text,
} from '../graph.js';

/** The same elements in another shape. One size may be symbolic. @throws {ShapeError} if the sizes differ. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (!sameDim(sizeOf(x.shape), sizeOf(shape))) {
    throw new ShapeError(
      `Reshape: ${shapeText(x.shape)} does not have as many elements as ${shapeText(shape)}`,
    );
  }
  if (sameShape(x.shape, shape)) return x;
  const target = shape.map((dim) => (typeof dim === 'number' ? dim : -1));
  // Of two in a row the first is of no use.
  const source = x.producer?.op === 'Reshape' ? (x.producer.inputs[0] ?? x) : x;
  return emit({ op: 'Reshape', inputs: [source, intConstant(x.graph, target)] }, shape);
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  if (perm.length !== x.shape.length || new Set(perm).size !== perm.length) {
    throw new ShapeError(`Transpose: ${JSON.stringify(perm)} is no permutation of ${shapeText(x.shape)}`);
  }
  const shape = perm.map((axis): Dim => x.shape[normaliseAxis(axis, perm.length, 'Transpose')] ?? 1);
  return emit({ op: 'Transpose', inputs: [x], attributes: { perm: ints(perm) } }, shape);
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError('Concat: expected at least one tensor');
  assertSameType('Concat', tensors);
  const at = normaliseAxis(axis, first.shape.length, 'Concat');
  let total = 0;
  for (const tensor of tensors) {
    const fits =
      tensor.shape.length === first.shape.length &&
      tensor.shape.every((dim, index) => index === at || sameDim(dim, first.shape[index] ?? -1));
    const size = tensor.shape[at];
    if (!fits || typeof size !== 'number') {
      throw new ShapeError(
        `Concat on axis ${at}: ${shapeText(tensor.shape)} does not fit ${shapeText(first.shape)}`,
      );
    }
    total += size;
  }
  const shape = first.shape.map((dim, index) => (index === at ? total : dim));
  return emit({ op: 'Concat', inputs: tensors, attributes: { axis: int(at) } }, shape);
}

export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  /** Positive step; 1 by default. */
  readonly step?: number;
}

/** Elements `start, start+step, … < end` of each named axis. */
export function slice(x: Tensor, ranges: readonly SliceRange[]): Tensor {
  const shape = [...x.shape];
  const normal = ranges.map((range) => {
    const axis = normaliseAxis(range.axis, shape.length, 'Slice');
    const size = shape[axis];
    const step = range.step ?? 1;
    if (
      typeof size !== 'number' ||
      range.start < 0 ||
      range.end > size ||
      range.end <= range.start ||
      step < 1
    ) {
      throw new ShapeError(
        `Slice: ${range.start}..${range.end} step ${step} does not fit axis ${axis} of ${shapeText(x.shape)}`,
      );
    }
    shape[axis] = Math.ceil((range.end - range.start) / step);
    return { axis, start: range.start, end: range.end, step };
  });
  const twice = normal.find(({ axis }, index) => normal.findIndex((other) => other.axis === axis) !== index);
  if (twice) throw new ShapeError(`Slice: axis ${twice.axis} is named twice`);
  const { graph } = x;
  return emit(
    {
      op: 'Slice',
      inputs: [
        x,
        intConstant(
          graph,
          normal.map((range) => range.start),
        ),
        intConstant(
          graph,
          normal.map((range) => range.end),
        ),
        intConstant(
          graph,
          normal.map((range) => range.axis),
        ),
        intConstant(
          graph,
          normal.map((range) => range.step),
        ),
      ],
    },
    shape,
  );
}

/** Rows (or slices of `axis`) by int64 index: shape `x[:axis] + indices + x[axis+1:]`. */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  if (indices.dtype !== 'int64') throw new ShapeError(`Gather: indices must be int64, got ${indices.dtype}`);
  const at = normaliseAxis(axis, x.shape.length, 'Gather');
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  return emit({ op: 'Gather', inputs: [x, indices], attributes: { axis: int(at) } }, shape);
}

/** `data` with row `updates[i]` added at row `indices[i]`; rows named twice add up. `indices` int64 `[n]`.
 *  ScatterElements rather than ScatterND: the runtime spreads the latter over threads, and rows named
 *  twice would race. */
export function scatterAddRows(data: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const column = reshape(indices, [
    ...indices.shape,
    ...updates.shape.slice(indices.shape.length).map(() => 1),
  ]);
  return emit(
    {
      op: 'ScatterElements',
      inputs: [data, expand(column, updates.shape), updates],
      attributes: { axis: int(0), reduction: text('add') },
    },
    data.shape,
  );
}

/** Cuts an axis into consecutive parts of the given sizes. */
export function split(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  const at = normaliseAxis(axis, x.shape.length, 'Split');
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (x.shape[at] !== total) {
    throw new ShapeError(
      `Split: parts of ${sizes.join(' + ')} do not fill axis ${at} of ${shapeText(x.shape)}`,
    );
  }
  return emitMany(
    { op: 'Split', inputs: [x, intConstant(x.graph, sizes)], attributes: { axis: int(at) } },
    sizes.map((size) => ({ shape: x.shape.map((dim, index) => (index === at ? size : dim)) })),
  );
}

/** Repeats axes of size 1 up to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.shape.length;
  const fits = x.shape.every((dim, axis) => dim === 1 || sameDim(dim, shape[axis + lead] ?? -1));
  if (lead < 0 || !fits) {
    throw new ShapeError(`Expand: ${shapeText(x.shape)} cannot be repeated to ${shapeText(shape)}`);
  }
  const target = intConstant(x.graph, staticShape(shape, 'Expand'));
  return emit({ op: 'Expand', inputs: [x, target] }, shape);
}

export type PadMode = 'constant' | 'reflect' | 'edge';

/** Adds `before[axis]` and `after[axis]` elements; zeros in `constant` mode. */
export function pad(
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  mode: PadMode = 'constant',
): Tensor {
  if (before.length !== x.shape.length || after.length !== x.shape.length) {
    throw new ShapeError(`Pad: one amount an axis of ${shapeText(x.shape)} is needed on each side`);
  }
  const shape = x.shape.map((dim, axis): Dim => {
    const extra = (before[axis] ?? 0) + (after[axis] ?? 0);
    if (extra === 0) return dim;
    if (typeof dim !== 'number')
      throw new ShapeError(`Pad: axis ${axis} of ${shapeText(x.shape)} is symbolic`);
    return dim + extra;
  });
  const amounts = intConstant(x.graph, [...before, ...after]);
  const inputs = mode === 'constant' ? [x, amounts, constant(x.graph, 0)] : [x, amounts];
  return emit({ op: 'Pad', inputs, attributes: { mode: text(mode) } }, shape);
}
