import { numberOf } from './reference-linear.js';
import type { Kernel } from './reference-value.js';
import {
  broadcastShape,
  broadcastStrides,
  offsetsOf,
  pick,
  sizeOfShape,
  stridesOf,
  type Value,
} from './reference-value.js';

const list = (x: Value | undefined): number[] => Array.from(x?.data ?? []);

/** A run of `size` indices from `start` on one axis. */
function cut(x: Value, axis: number, start: number, size: number): Value {
  const shape = x.shape.map((dim, index) => (index === axis ? size : dim));
  const strides = stridesOf(x.shape);
  return pick(x, shape, offsetsOf(shape, strides, start * (strides[axis] ?? 0)));
}

const slice: Kernel = (_node, [x, starts, ends, axes, steps]) => {
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  let base = 0;
  list(axes).forEach((axis, index) => {
    const [start = 0, end = 0, step = 1] = [starts, ends, steps].map((input) => list(input)[index]);
    base += start * (strides[axis] ?? 0);
    shape[axis] = Math.ceil((Math.min(end, x.shape[axis] ?? 0) - start) / step);
    strides[axis] = (strides[axis] ?? 0) * step;
  });
  return [pick(x, shape, offsetsOf(shape, strides, base))];
};

const concat: Kernel = (node, inputs) => {
  const axis = numberOf(node, 'axis', 0);
  const [first] = inputs;
  const total = inputs.reduce((sum, input) => sum + (input.shape[axis] ?? 0), 0);
  const shape = first.shape.map((dim, index) => (index === axis ? total : dim));
  const data = new Float64Array(sizeOfShape(shape));
  const strides = stridesOf(shape);
  let start = 0;
  for (const input of inputs) {
    const places = offsetsOf(input.shape, strides, start * (strides[axis] ?? 0));
    input.data.forEach((v, at) => {
      data[places[at] ?? 0] = v;
    });
    start += input.shape[axis] ?? 0;
  }
  return [{ shape, data }];
};

/** Where index `i` of a padded axis is read: inside, mirrored without the edge, or at the nearest edge. */
function source(mode: string, i: number, size: number): number | null {
  if (i >= 0 && i < size) return i;
  if (mode === 'constant') return null;
  if (mode === 'edge') return Math.min(size - 1, Math.max(0, i));
  return i < 0 ? -i : 2 * (size - 1) - i;
}

const pad: Kernel = (node, [x, amounts]) => {
  const mode = node.attributes.mode?.type === 'string' ? node.attributes.mode.value : 'constant';
  const before = list(amounts).slice(0, x.shape.length);
  const after = list(amounts).slice(x.shape.length);
  const shape = x.shape.map((dim, axis) => dim + (before[axis] ?? 0) + (after[axis] ?? 0));
  const strides = stridesOf(x.shape);
  const own = stridesOf(shape);
  const data = new Float64Array(sizeOfShape(shape)).map((_, flat) => {
    let place = 0;
    for (const [axis, dim] of x.shape.entries()) {
      const index = Math.floor(flat / (own[axis] ?? 1)) % (shape[axis] ?? 1);
      const from = source(mode, index - (before[axis] ?? 0), dim);
      if (from === null) return 0;
      place += from * (strides[axis] ?? 0);
    }
    return x.data[place] ?? Number.NaN;
  });
  return [{ shape, data }];
};

const gather: Kernel = (node, [x, indices]) => {
  const axis = numberOf(node, 'axis', 0);
  const size = x.shape[axis] ?? 1;
  const inner = stridesOf(x.shape)[axis] ?? 1;
  const outer = sizeOfShape(x.shape.slice(0, axis));
  const rows = list(indices).map((row) => (row < 0 ? row + size : row));
  const data: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (const row of rows) {
      for (let i = 0; i < inner; i++) data.push(x.data[(o * size + row) * inner + i] ?? Number.NaN);
    }
  }
  const shape = [...x.shape.slice(0, axis), ...(indices?.shape ?? []), ...x.shape.slice(axis + 1)];
  return [{ shape, data: Float64Array.from(data) }];
};

/** Axis 0 with addition, the only form that our graphs emit. */
const scatterElements: Kernel = (_node, [x, indices, updates]) => {
  const [size = 1] = x.shape;
  const [row = 1] = stridesOf(x.shape);
  const data = x.data.slice();
  const columns = offsetsOf(updates?.shape ?? [], [0, ...stridesOf(x.shape).slice(1)]);
  updates?.data.forEach((v, at) => {
    const index = indices?.data[at] ?? 0;
    const place = (index < 0 ? index + size : index) * row + (columns[at] ?? 0);
    data[place] = (data[place] ?? 0) + v;
  });
  return [{ shape: x.shape, data }];
};

export const shapeKernels: Readonly<Record<string, Kernel>> = {
  Reshape: (_node, [x, target]) => {
    const given = list(target).map((dim, axis) => (dim === 0 ? (x.shape[axis] ?? 0) : dim));
    const known = given.filter((dim) => dim !== -1).reduce((size, dim) => size * dim, 1);
    return [{ shape: given.map((dim) => (dim === -1 ? x.data.length / known : dim)), data: x.data }];
  },
  Transpose: (node, [x]) => {
    const perm = node.attributes.perm?.type === 'ints' ? node.attributes.perm.value : [];
    const strides = stridesOf(x.shape);
    const shape = perm.map((axis) => x.shape[axis] ?? 1);
    const moved = perm.map((axis) => strides[axis] ?? 0);
    return [pick(x, shape, offsetsOf(shape, moved))];
  },
  Expand: (_node, [x, target]) => {
    const shape = broadcastShape([x.shape, list(target)]);
    return [pick(x, shape, offsetsOf(shape, broadcastStrides(x.shape, shape)))];
  },
  Split: (node, [x, sizes]) => {
    const axis = numberOf(node, 'axis', 0);
    let start = 0;
    return list(sizes).map((size) => {
      start += size;
      return cut(x, axis, start - size, size);
    });
  },
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  ScatterElements: scatterElements,
};
