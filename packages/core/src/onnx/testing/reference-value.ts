import type { Node } from '../graph.js';

/** A tensor of the reference interpreter: row-major float64 whatever its type in the graph (booleans as 0 and 1). */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What an operator computes, in float64 and plain loops, straight from the ONNX specification. */
export type Kernel = (node: Node, inputs: readonly [Value, ...Value[]]) => readonly Value[];

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

export const value = (shape: readonly number[], data: ArrayLike<number> | ArrayLike<bigint>): Value => {
  const numbers = Float64Array.from(data as ArrayLike<number>, Number);
  if (numbers.length !== sizeOfShape(shape)) {
    throw new RangeError(`reference value: [${shape.join(', ')}] does not hold ${numbers.length} elements`);
  }
  return { shape, data: numbers };
};

/** Distance in memory between neighbours on each axis of a row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const dim of [...shape].reverse()) {
    strides.unshift(step);
    step *= dim;
  }
  return strides;
}

/** For every element of a tensor of `shape`, in row-major order, `base + Σ index[axis]·strides[axis]`. */
export function offsetsOf(shape: readonly number[], strides: readonly number[], base = 0): Int32Array {
  const offsets = new Int32Array(sizeOfShape(shape));
  const index = shape.map(() => 0);
  let offset = base;
  for (let flat = 0; flat < offsets.length; flat++) {
    offsets[flat] = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      offset += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      offset -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return offsets;
}

/** The elements at `offsets`, in the given shape. */
export const pick = (x: Value, shape: readonly number[], offsets: Int32Array): Value => ({
  shape,
  data: Float64Array.from(offsets, (offset) => x.data[offset] ?? Number.NaN),
});

/** Strides with which a tensor is read as if it had been repeated to `target`. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (own[axis - lead] ?? 0)));
}

export const broadcastShape = (shapes: readonly (readonly number[])[]): number[] => {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[shape.length - rank + axis] ?? 1)),
  );
};
