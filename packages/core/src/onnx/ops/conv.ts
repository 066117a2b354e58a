import { shapeText, staticDim } from '../dims.js';
import { ShapeError } from '../errors.js';
import { emit, int, ints, type Tensor } from '../graph.js';

export interface ConvOptions {
  /** Same step on both axes; 1 by default. */
  readonly stride?: number;
  /** Zeros on each side of both axes; 0 by default. */
  readonly padding?: number;
  /** Zeros after the last row and column where they are not as many as before the first: TensorFlow's SAME padding of a
   *  strided convolution. {@link ConvOptions.padding} by default. */
  readonly paddingEnd?: number;
  /** Groups of channels that see each other alone; 1 by default. */
  readonly groups?: number;
}

const outputSize = (size: number, kernel: number, stride: number, paddings: number): number =>
  Math.floor((size + paddings - kernel) / stride) + 1;

/** 2-D cross-correlation: `[n, c, h, w]`, weight `[o, c / groups, kh, kw]`, bias `[o]` → `[n, o, h', w']`. */
export function conv(x: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions = {}): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const after = options.paddingEnd ?? padding;
  const [batch, channels, height, width] = x.shape;
  const [filters, depth, kernelHeight, kernelWidth] = weight.shape;
  const fits = groups === 1 ? channels === depth : channels === Number(depth) * groups;
  if (x.shape.length !== 4 || weight.shape.length !== 4 || !fits || batch === undefined) {
    throw new ShapeError(
      `Conv: expected [n, c, h, w] and [o, c${groups === 1 ? '' : ` / ${groups}`}, kh, kw], got ${shapeText(x.shape)} and ${shapeText(weight.shape)}`,
    );
  }
  if (
    typeof height !== 'number' ||
    typeof width !== 'number' ||
    typeof kernelHeight !== 'number' ||
    typeof kernelWidth !== 'number' ||
    typeof filters !== 'number'
  ) {
    throw new ShapeError(`Conv: sizes but the batch must be known, got ${shapeText(x.shape)}`);
  }
  const rows = outputSize(height, kernelHeight, stride, padding + after);
  const columns = outputSize(width, kernelWidth, stride, padding + after);
  if (rows < 1 || columns < 1) {
    throw new ShapeError(`Conv: kernel ${shapeText(weight.shape)} is larger than ${shapeText(x.shape)}`);
  }
  return emit(
    {
      op: 'Conv',
      inputs: bias ? [x, weight, bias] : [x, weight],
      attributes: {
        kernel_shape: ints([kernelHeight, kernelWidth]),
        strides: ints([stride, stride]),
        pads: ints([padding, padding, after, after]),
        ...(groups === 1 ? {} : { group: int(groups) }),
      },
    },
    [batch, filters, rows, columns],
  );
}

/** Transpose of {@link conv} with respect to its input: `[n, o, h', w']`, weight `[o, c / groups, kh, kw]` → `[n, c, h, w]`. */
export function convTranspose(
  y: Tensor,
  weight: Tensor,
  inputSize: readonly [number, number],
  options: ConvOptions = {},
): Tensor {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const after = options.paddingEnd ?? padding;
  const kernel = [staticDim(weight.shape, 2, 'ConvTranspose'), staticDim(weight.shape, 3, 'ConvTranspose')];
  const given = [staticDim(y.shape, 2, 'ConvTranspose'), staticDim(y.shape, 3, 'ConvTranspose')];
  // Rows of the input that no window reached must come back as zeros, hence the output padding.
  const extra = inputSize.map(
    (size, axis) => size - ((given[axis] ?? 0) - 1) * stride + padding + after - (kernel[axis] ?? 0),
  );
  return emit(
    {
      op: 'ConvTranspose',
      inputs: [y, weight],
      attributes: {
        kernel_shape: ints(kernel),
        strides: ints([stride, stride]),
        pads: ints([padding, padding, after, after]),
        output_padding: ints(extra),
        ...(groups === 1 ? {} : { group: int(groups) }),
      },
    },
    [y.shape[0] ?? 1, groups * staticDim(weight.shape, 1, 'ConvTranspose'), ...inputSize],
  );
}

/** Largest value of each window, no padding: `[n, c, h, w]` → `[n, c, h', w']`. */
export function maxPool(x: Tensor, size: number, stride = size): Tensor {
  const rows = outputSize(staticDim(x.shape, 2, 'MaxPool'), size, stride, 0);
  const columns = outputSize(staticDim(x.shape, 3, 'MaxPool'), size, stride, 0);
  return emit(
    {
      op: 'MaxPool',
      inputs: [x],
      attributes: { kernel_shape: ints([size, size]), strides: ints([stride, stride]) },
    },
    [...x.shape.slice(0, 2), rows, columns],
  );
}
