import type { Node } from '../graph.js';
import type { Kernel } from './reference-value.js';
import {
  broadcastShape,
  broadcastStrides,
  offsetsOf,
  sizeOfShape,
  stridesOf,
  type Value,
} from './reference-value.js';

export const numberOf = (node: Node, name: string, fallback: number): number => {
  const attribute = node.attributes[name];
  return attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : fallback;
};

/** `alpha · A' · B'` over broadcast leading axes, one multiplication at a time. */
function product(a: Value, b: Value, transA: boolean, transB: boolean, alpha: number): Value {
  const [a1 = 1, a2 = 1] = a.shape.slice(-2);
  const [b1 = 1, b2 = 1] = b.shape.slice(-2);
  const [m, inner, n] = [transA ? a2 : a1, transA ? a1 : a2, transB ? b1 : b2];
  const lead = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const leadStrides = (x: Value) =>
    broadcastStrides(x.shape.slice(0, -2), lead).map((stride) => stride * sizeOfShape(x.shape.slice(-2)));
  const [startsA, startsB] = [offsetsOf(lead, leadStrides(a)), offsetsOf(lead, leadStrides(b))];
  const [rowA = 0, columnA = 0] = transA ? [1, a2] : [a2, 1];
  const [rowB = 0, columnB = 0] = transB ? [1, b2] : [b2, 1];
  const data = new Float64Array(startsA.length * m * n);
  for (let batch = 0; batch < startsA.length; batch++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = a.data[(startsA[batch] ?? 0) + i * rowA + k * columnA] ?? Number.NaN;
          sum += left * (b.data[(startsB[batch] ?? 0) + k * rowB + j * columnB] ?? Number.NaN);
        }
        data[(batch * m + i) * n + j] = alpha * sum;
      }
    }
  }
  return { shape: [...lead, m, n], data };
}

/** Cross-correlation with zeros around. */
const convKernel: Kernel = (node, [x, weight, bias]) => {
  const { stride, before, after } = geometryOf(node);
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const [filters = 1, depth = 1, kh = 1, kw = 1] = weight?.shape ?? [];
  const perGroup = (filters * depth) / channels;
  const rows = Math.floor((height + before + after - kh) / stride) + 1;
  const columns = Math.floor((width + before + after - kw) / stride) + 1;
  const data = new Float64Array(batch * filters * rows * columns);
  forEachTap([batch, filters, depth, rows, columns, kh, kw], (n, o, c, r, q, i, j) => {
    const y = r * stride - before + i;
    const z = q * stride - before + j;
    if (y < 0 || z < 0 || y >= height || z >= width) return;
    const at = ((n * filters + o) * rows + r) * columns + q;
    const tap = weight?.data[((o * depth + c) * kh + i) * kw + j] ?? Number.NaN;
    const channel = Math.floor(o / perGroup) * depth + c;
    data[at] =
      (data[at] ?? 0) + tap * (x.data[((n * channels + channel) * height + y) * width + z] ?? Number.NaN);
  });
  const area = rows * columns;
  const filterOf = (at: number) => Math.floor(at / area) % filters;
  const shifted = bias ? data.map((v, at) => v + (bias.data[filterOf(at)] ?? Number.NaN)) : data;
  return [{ shape: [batch, filters, rows, columns], data: shifted }];
};

/** The transpose of the convolution: every output element of it is spread back over its window. */
const convTransposeKernel: Kernel = (node, [y, weight]) => {
  const { stride, before, after, groups } = geometryOf(node);
  const extra = node.attributes.output_padding;
  const [extraRows = 0, extraColumns = 0] = extra?.type === 'ints' ? extra.value : [];
  const [batch = 1, filters = 1, rows = 1, columns = 1] = y.shape;
  const [, depth = 1, kh = 1, kw = 1] = weight?.shape ?? [];
  const channels = depth * groups;
  const height = (rows - 1) * stride - before - after + kh + extraRows;
  const width = (columns - 1) * stride - before - after + kw + extraColumns;
  const data = new Float64Array(batch * channels * height * width);
  forEachTap([batch, filters, depth, rows, columns, kh, kw], (n, o, c, r, q, i, j) => {
    const top = r * stride - before + i;
    const left = q * stride - before + j;
    if (top < 0 || left < 0 || top >= height || left >= width) return;
    const channel = Math.floor((o * groups) / filters) * depth + c;
    const at = ((n * channels + channel) * height + top) * width + left;
    const tap = weight?.data[((o * depth + c) * kh + i) * kw + j] ?? Number.NaN;
    data[at] = (data[at] ?? 0) + tap * (y.data[((n * filters + o) * rows + r) * columns + q] ?? Number.NaN);
  });
  return [{ shape: [batch, channels, height, width], data }];
};

/** Stride and zeros before and after, those of the first axis standing for both. */
function geometryOf(node: Node) {
  const at = (name: string, index: number, fallback: number) => {
    const attribute = node.attributes[name];
    return attribute?.type === 'ints' ? (attribute.value[index] ?? fallback) : fallback;
  };
  return {
    stride: at('strides', 0, 1),
    before: at('pads', 0, 0),
    after: at('pads', 2, 0),
    groups: numberOf(node, 'group', 1),
  };
}

type Seven = readonly [number, number, number, number, number, number, number];

function forEachTap(sizes: Seven, visit: (...index: Seven) => void): void {
  const [batch, filters, channels, rows, columns, kh, kw] = sizes;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < filters; o++)
      for (let c = 0; c < channels; c++)
        for (let r = 0; r < rows; r++)
          for (let q = 0; q < columns; q++)
            for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) visit(n, o, c, r, q, i, j);
}

const maxPoolKernel: Kernel = (node, [x]) => {
  const { stride } = geometryOf(node);
  const kernel = node.attributes.kernel_shape;
  const size = kernel?.type === 'ints' ? (kernel.value[0] ?? 1) : 1;
  const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
  const shape = [batch, channels, ...[height, width].map((s) => Math.floor((s - size) / stride) + 1)];
  const data = new Float64Array(sizeOfShape(shape)).fill(Number.NEGATIVE_INFINITY);
  const places = offsetsOf(shape, [...stridesOf(x.shape).slice(0, 2), width * stride, stride]);
  places.forEach((place, flat) => {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        data[flat] = Math.max(data[flat] ?? 0, x.data[place + i * width + j] ?? Number.NaN);
      }
    }
  });
  return [{ shape, data }];
};

const matMulKernel: Kernel = (node, [a, b]) => [
  product(
    a,
    b as Value,
    numberOf(node, 'transA', 0) === 1,
    numberOf(node, 'transB', 0) === 1,
    numberOf(node, 'alpha', 1),
  ),
];

export const linearKernels: Readonly<Record<string, Kernel>> = {
  MatMul: matMulKernel,
  FusedMatMul: matMulKernel,
  Gemm: (node, inputs) => {
    const [result] = matMulKernel(node, inputs) as [Value];
    const bias = inputs[2];
    if (!bias) return [result];
    const places = offsetsOf(result.shape, broadcastStrides(bias.shape, result.shape));
    return [{ ...result, data: result.data.map((v, at) => v + (bias.data[places[at] ?? 0] ?? Number.NaN)) }];
  },
  Conv: convKernel,
  ConvTranspose: convTransposeKernel,
  MaxPool: maxPoolKernel,
};
