import { multiplyDims, staticDim } from '../../onnx/dims.js';
import { ShapeError } from '../../onnx/errors.js';
import { constant, intConstant, numberAttribute, type Tensor } from '../../onnx/graph.js';
import {
  conv,
  convTranspose,
  fusedMatMul,
  gather,
  gemm,
  pad,
  reduceSum,
  reshape,
  slice,
  transpose,
} from '../../onnx/ops/index.js';
import { type GradientRule, inputAt, listAttribute, sumFirstAxis } from '../rule.js';

interface Geometry {
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly padding: number;
  readonly paddingEnd: number;
}

/** The windows of a convolution as matrices: `[n, c·kh·kw, h'·w']`, in the order of its weights. */
function windows(x: Tensor, dy: Tensor, geometry: Geometry): Tensor {
  const { channels, kernel, stride, padding, paddingEnd } = geometry;
  const rows = staticDim(dy.shape, 2, 'Conv gradient');
  const columns = staticDim(dy.shape, 3, 'Conv gradient');
  const [height, width] = kernel;
  const flat = [x.shape[0] ?? 1, channels * height * width, rows * columns];
  if (padding === 0 && paddingEnd === 0 && height === stride && width === stride)
    return reshape(tiles(x, rows, columns, stride), flat);
  if (x.graph.target !== 'cpu') return reshape(gathered(x, rows, columns, geometry), flat);
  // Each channel by itself, by a filter for each tap that sees this tap alone: the runtime gathers windows in all of its
  // threads there, and in one where they are sliced.
  const taps = height * width;
  const one = new Float32Array(channels * taps * taps);
  for (let filter = 0; filter < channels * taps; filter++) one[filter * taps + (filter % taps)] = 1;
  const filters = constant(x.graph, one, [channels * taps, 1, height, width]);
  return reshape(conv(x, filters, null, { stride, padding, paddingEnd, groups: channels }), flat);
}

/** The windows read in one kernel, each element by its place in the padded picture: `[n, c, kh·kw, h'·w']`. */
function gathered(
  x: Tensor,
  rows: number,
  columns: number,
  { channels, kernel, stride, padding, paddingEnd }: Geometry,
): Tensor {
  const [high, wide] = [2, 3].map(
    (axis) => staticDim(x.shape, axis, 'Conv gradient') + padding + paddingEnd,
  ) as [number, number];
  const padded =
    padding + paddingEnd === 0 ? x : pad(x, [0, 0, padding, padding], [0, 0, paddingEnd, paddingEnd]);
  const places: number[] = [];
  for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
    const [down, right] = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        places.push((row * stride + down) * wide + column * stride + right);
  }
  const at = intConstant(x.graph, places, [kernel[0] * kernel[1], rows * columns]);
  return gather(reshape(padded, [x.shape[0] ?? 1, channels, high * wide]), at, 2);
}

/** Windows that neither overlap nor leave a gap, as a vision transformer's patches: `[n, c, size, size, h', w']`. */
function tiles(x: Tensor, rows: number, columns: number, size: number): Tensor {
  const [batch = 1, channels = 1] = x.shape;
  const whole = slice(x, [
    { axis: 2, start: 0, end: rows * size },
    { axis: 3, start: 0, end: columns * size },
  ]);
  return transpose(reshape(whole, [batch, channels, rows, size, columns, size]), [0, 1, 3, 5, 2, 4]);
}

/** `dW[o, c, i, j] = Σ_n Σ_p dY[n, o, p]·window[n, c, (i, j), p]`: one batched product, summed over the batch. Where a
 *  picture's share of the sum is larger than what it is made of, pictures and positions are turned into one axis first. */
function weightGradient(x: Tensor, weight: Tensor, dy: Tensor, geometry: Geometry): Tensor {
  const { channels, kernel } = geometry;
  const [batch = 1] = dy.shape;
  const filters = staticDim(weight.shape, 0, 'Conv gradient');
  const inputs = channels * kernel[0] * kernel[1];
  const positions = staticDim(dy.shape, 2, 'Conv gradient') * staticDim(dy.shape, 3, 'Conv gradient');
  const [left, right] = [reshape(dy, [batch, filters, positions]), windows(x, dy, geometry)];
  if (filters * inputs > positions * (filters + inputs)) {
    const rows = (tensor: Tensor, width: number) =>
      reshape(transpose(tensor, [0, 2, 1]), [multiplyDims(batch, positions), width]);
    return reshape(gemm(rows(left, filters), rows(right, inputs), null, { transA: true }), weight.shape);
  }
  return reshape(sumFirstAxis(fusedMatMul(left, right, { transB: true })), weight.shape);
}

/** `dW[c, 0, i, j] = Σ_n Σ_p dY[n, c, p]·window[n, c, (i, j), p]` of a depth-wise convolution: for each picture and
 *  channel its windows times one column, summed over the batch. */
function depthWiseWeightGradient(x: Tensor, weight: Tensor, dy: Tensor, geometry: Geometry): Tensor {
  const { channels, kernel } = geometry;
  const [batch = 1] = dy.shape;
  const taps = kernel[0] * kernel[1];
  const positions = staticDim(dy.shape, 2, 'Conv gradient') * staticDim(dy.shape, 3, 'Conv gradient');
  const each = reshape(windows(x, dy, geometry), [batch, channels, taps, positions]);
  const shares = fusedMatMul(each, reshape(dy, [batch, channels, positions, 1]));
  return reshape(sumFirstAxis(reshape(shares, [batch, channels * taps])), weight.shape);
}

/** Cotangent of the input of a depth-wise convolution. With stride 1 it is a convolution itself, by the filters turned
 *  half round, which every provider runs faster than a transposed one in groups. */
function depthWiseInputGradient(
  dy: Tensor,
  weight: Tensor,
  size: readonly [number, number],
  { channels, kernel, stride, padding, paddingEnd }: Geometry,
): Tensor {
  const [height, width] = kernel;
  if (stride !== 1 || height !== width)
    return convTranspose(dy, weight, size, { stride, padding, paddingEnd, groups: channels });
  const turned = intConstant(
    dy.graph,
    Array.from({ length: height * width }, (_, tap) => height * width - 1 - tap),
  );
  const filters = gather(reshape(weight, [channels, height * width]), turned, 1);
  return conv(dy, reshape(filters, weight.shape), null, {
    padding: height - 1 - padding,
    paddingEnd: height - 1 - paddingEnd,
    groups: channels,
  });
}

export const convRules: Readonly<Record<string, GradientRule>> = {
  Conv: (node, [dy], wants) => {
    if (!dy) return [];
    const x = inputAt(node, 0);
    const weight = inputAt(node, 1);
    const groups = numberAttribute(node, 'group', 1);
    const [filters = 0, depth = 0] = [0, 1].map((axis) => staticDim(weight.shape, axis, 'Conv gradient'));
    if (groups !== 1 && (depth !== 1 || filters !== groups))
      throw new ShapeError(
        'Conv: in groups there is a gradient of depth-wise convolutions alone (one channel and filter a group)',
      );
    const stride = listAttribute(node, 'strides')[0] ?? 1;
    const [padding = 0, , paddingEnd = 0] = listAttribute(node, 'pads');
    const [height, width] = [2, 3].map((axis) => staticDim(weight.shape, axis, 'Conv gradient'));
    const geometry = {
      channels: groups * depth,
      kernel: [height, width],
      stride,
      padding,
      paddingEnd,
    } as Geometry;
    const size: [number, number] = [staticDim(x.shape, 2, 'Conv'), staticDim(x.shape, 3, 'Conv')];
    const input = groups === 1 ? convTranspose : depthWiseInputGradient;
    const weights = groups === 1 ? weightGradient : depthWiseWeightGradient;
    return [
      wants[0] ? input(dy, weight, size, geometry) : undefined,
      wants[1] ? weights(x, weight, dy, geometry) : undefined,
      wants[2] ? reduceSum(dy, { axes: [0, 2, 3] }) : undefined,
    ];
  },
};
