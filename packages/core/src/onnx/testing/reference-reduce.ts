import { numberOf } from './reference-linear.js';
import type { Kernel } from './reference-value.js';
import { broadcastStrides, offsetsOf, sizeOfShape, stridesOf, type Value } from './reference-value.js';

/** For each element of `x`, the place of its group when `axes` are reduced to size 1. */
function groups(x: Value, axes: readonly number[]): { shape: number[]; places: Int32Array } {
  const shape = x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return { shape, places: offsetsOf(x.shape, broadcastStrides(shape, x.shape)) };
}

const reduction =
  (
    start: number,
    join: (sum: number, x: number) => number,
    finish = (sum: number, _count: number) => sum,
  ): Kernel =>
  (node, [x, axesInput]) => {
    const given = Array.from(axesInput?.data ?? [], (axis) => (axis < 0 ? axis + x.shape.length : axis));
    const axes = given.length > 0 ? given : x.shape.map((_, axis) => axis);
    const { shape, places } = groups(x, axes);
    const data = new Float64Array(sizeOfShape(shape)).fill(start);
    x.data.forEach((v, at) => {
      const place = places[at] ?? 0;
      data[place] = join(data[place] ?? 0, v);
    });
    const count = x.data.length / data.length;
    const kept =
      numberOf(node, 'keepdims', 1) === 1 ? shape : shape.filter((_, axis) => !axes.includes(axis));
    return [{ shape: kept, data: data.map((sum) => finish(sum, count)) }];
  };

/** `x − max − log Σ e^(x − max)` along one axis. */
const logSoftmax: Kernel = (node, [x]) => {
  const axis = numberOf(node, 'axis', -1);
  const { shape, places } = groups(x, [axis < 0 ? axis + x.shape.length : axis]);
  const largest = new Float64Array(sizeOfShape(shape)).fill(Number.NEGATIVE_INFINITY);
  const sums = new Float64Array(largest.length);
  x.data.forEach((v, at) => {
    const place = places[at] ?? 0;
    largest[place] = Math.max(largest[place] ?? 0, v);
  });
  x.data.forEach((v, at) => {
    const place = places[at] ?? 0;
    sums[place] = (sums[place] ?? 0) + Math.exp(v - (largest[place] ?? 0));
  });
  const data = x.data.map((v, at) => {
    const place = places[at] ?? 0;
    return v - (largest[place] ?? 0) - Math.log(sums[place] ?? 0);
  });
  return [{ shape: x.shape, data }];
};

/** Over the last axis; mean and inverse deviation come out too. */
const layerNormalization: Kernel = (node, [x, scale, bias]) => {
  const width = x.shape.at(-1) ?? 1;
  const rows = x.data.length / width;
  const epsilon = numberOf(node, 'epsilon', 1e-5);
  const y = new Float64Array(x.data.length);
  const means = new Float64Array(rows);
  const inverses = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = x.data.subarray(row * width, (row + 1) * width);
    const mean = values.reduce((sum, v) => sum + v, 0) / width;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    values.forEach((v, column) => {
      const normal = (v - mean) * inverse;
      y[row * width + column] = normal * (scale?.data[column] ?? 1) + (bias?.data[column] ?? 0);
    });
    means[row] = mean;
    inverses[row] = inverse;
  }
  const statistics = [...x.shape.slice(0, -1), 1];
  return [
    { shape: x.shape, data: y },
    { shape: statistics, data: means },
    { shape: statistics, data: inverses },
  ];
};

const argMax: Kernel = (node, [x]) => {
  const axis = numberOf(node, 'axis', 0);
  const { shape, places } = groups(x, [axis]);
  const step = stridesOf(x.shape)[axis] ?? 1;
  const best = new Float64Array(sizeOfShape(shape)).fill(Number.NEGATIVE_INFINITY);
  const data = new Float64Array(best.length);
  x.data.forEach((v, at) => {
    const place = places[at] ?? 0;
    if (v <= (best[place] ?? 0)) return;
    best[place] = v;
    data[place] = Math.floor(at / step) % (x.shape[axis] ?? 1);
  });
  return [{ shape: shape.filter((_, index) => index !== axis), data }];
};

export const reduceKernels: Readonly<Record<string, Kernel>> = {
  ReduceSum: reduction(0, (sum, x) => sum + x),
  ReduceMean: reduction(
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  ReduceMax: reduction(Number.NEGATIVE_INFINITY, Math.max),
  ArgMax: argMax,
  LogSoftmax: logSoftmax,
  Softmax: (node, inputs) => {
    const [logs] = logSoftmax(node, inputs) as [Value];
    return [{ shape: logs.shape, data: logs.data.map(Math.exp) }];
  },
  LayerNormalization: layerNormalization,
};
