import { staticDim } from '../../onnx/dims.js';
import type { Tensor } from '../../onnx/graph.js';
import {
  concat,
  convTranspose,
  fusedMatMul,
  pad,
  reduceSum,
  reshape,
  slice,
  transpose,
} from '../../onnx/ops/index.js';
import { type GradientRule, inputAt, listAttribute, sumFirstAxis } from '../rule.js';

/** The windows of a convolution as matrices: `[n, kh·kw·c, h'·w']`, tap by tap. Columns are thinned out once for
 *  each remainder of the stride, so that the taps themselves are runs of neighbours, which copy several times faster. */
function windows(x: Tensor, dy: Tensor, kernel: readonly number[], stride: number, padding: number): Tensor {
  const [kernelHeight = 1, kernelWidth = 1] = kernel;
  const channels = staticDim(x.shape, 1, 'Conv gradient');
  const rows = staticDim(dy.shape, 2, 'Conv gradient');
  const columns = staticDim(dy.shape, 3, 'Conv gradient');
  const border = [0, 0, padding, padding];
  const padded = padding > 0 ? pad(x, border, border) : x;
  const width = staticDim(padded.shape, 3, 'Conv gradient');
  const batch = x.shape[0] ?? 1;
  const thinned = Array.from({ length: Math.min(stride, kernelWidth) }, (_, start) =>
    stride === 1 ? padded : slice(padded, [{ axis: 3, start, end: width, step: stride }]),
  );
  const taps: Tensor[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const start = Math.floor(j / stride);
      const tap = slice(thinned[j % stride] ?? padded, [
        { axis: 2, start: i, end: i + (rows - 1) * stride + 1, step: stride },
        { axis: 3, start, end: start + columns },
      ]);
      taps.push(reshape(tap, [batch, channels, rows * columns]));
    }
  }
  return taps.length === 1 && taps[0] ? taps[0] : concat(taps, 1);
}

/** `dW[o, c, i, j] = Σ_n Σ_p dY[n, o, p]·window[n, (i, j), c, p]`: one batched product, summed over the batch. */
function weightGradient(x: Tensor, weight: Tensor, dy: Tensor, stride: number, padding: number): Tensor {
  const [filters, channels, kernelHeight, kernelWidth] = [0, 1, 2, 3].map((axis) =>
    staticDim(weight.shape, axis, 'Conv gradient'),
  ) as [number, number, number, number];
  const positions = staticDim(dy.shape, 2, 'Conv gradient') * staticDim(dy.shape, 3, 'Conv gradient');
  const columns = windows(x, dy, [kernelHeight, kernelWidth], stride, padding);
  const flat = reshape(dy, [dy.shape[0] ?? 1, filters, positions]);
  const product = fusedMatMul(flat, columns, { transB: true });
  return transposeTaps(sumFirstAxis(product), filters, channels, kernelHeight, kernelWidth);
}

function transposeTaps(x: Tensor, filters: number, channels: number, kh: number, kw: number): Tensor {
  const taps = reshape(x, [filters, kh * kw, channels]);
  return reshape(transpose(taps, [0, 2, 1]), [filters, channels, kh, kw]);
}

export const convRules: Readonly<Record<string, GradientRule>> = {
  Conv: (node, [dy], wants) => {
    if (!dy) return [];
    const x = inputAt(node, 0);
    const weight = inputAt(node, 1);
    const stride = listAttribute(node, 'strides')[0] ?? 1;
    const padding = listAttribute(node, 'pads')[0] ?? 0;
    const size: [number, number] = [staticDim(x.shape, 2, 'Conv'), staticDim(x.shape, 3, 'Conv')];
    return [
      wants[0] ? convTranspose(dy, weight, size, { stride, padding }) : undefined,
      wants[1] ? weightGradient(x, weight, dy, stride, padding) : undefined,
      wants[2] ? reduceSum(dy, { axes: [0, 2, 3] }) : undefined,
    ];
  },
};
