import { type Dim, normaliseAxis, sameShape, shapeText } from '../dims.js';
import { ShapeError } from '../errors.js';
import { emit, emitMany, float, int, intConstant, type Tensor } from '../graph.js';

export interface ReduceOptions {
  /** Axes to reduce; all of them by default. */
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

const reduction =
  (op: string) =>
  (x: Tensor, options: ReduceOptions = {}): Tensor => {
    const rank = x.shape.length;
    const axes = (options.axes ?? x.shape.map((_, axis) => axis)).map((axis) =>
      normaliseAxis(axis, rank, op),
    );
    if (new Set(axes).size !== axes.length) {
      throw new ShapeError(`${op}: an axis is named twice in [${axes.join(', ')}]`, { axes });
    }
    // The operator itself reads an empty list as "all axes".
    if (axes.length === 0) return x;
    const keep = options.keepDims ?? false;
    const shape = x.shape.flatMap((dim, axis): Dim[] => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
    return emit(
      { op, inputs: [x, intConstant(x.graph, axes)], attributes: { keepdims: int(keep ? 1 : 0) } },
      shape,
    );
  };

export const reduceSum = reduction('ReduceSum');
export const reduceMean = reduction('ReduceMean');
export const reduceMax = reduction('ReduceMax');

/** Index of the largest value on an axis (the first of equals), int64; no gradient. */
export function argMax(x: Tensor, axis: number): Tensor {
  const at = normaliseAxis(axis, x.shape.length, 'ArgMax');
  return emit(
    { op: 'ArgMax', inputs: [x], attributes: { axis: int(at), keepdims: int(0) } },
    x.shape.filter((_, index) => index !== at),
    'int64',
  );
}

/** Softmax over one axis. */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  emit(
    { op: 'Softmax', inputs: [x], attributes: { axis: int(normaliseAxis(axis, x.shape.length, 'Softmax')) } },
    x.shape,
  );

/** Logarithm of the softmax over one axis, computed stably. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  emit(
    {
      op: 'LogSoftmax',
      inputs: [x],
      attributes: { axis: int(normaliseAxis(axis, x.shape.length, 'LogSoftmax')) },
    },
    x.shape,
  );

/** Layer normalisation over the last axis (Ba et al. 2016). The mean and the inverse deviation, `[.., 1]`,
 *  come out too: the backward pass reads them instead of computing them again. */
export function layerNormalization(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  const width = x.shape.slice(-1);
  if (!sameShape(scale.shape, width) || !sameShape(bias.shape, width)) {
    throw new ShapeError(
      `LayerNormalization: scale ${shapeText(scale.shape)} and bias ${shapeText(bias.shape)} must be ${shapeText(width)}`,
    );
  }
  const statistics = [...x.shape.slice(0, -1), 1];
  const [y] = emitMany(
    {
      op: 'LayerNormalization',
      inputs: [x, scale, bias],
      attributes: { axis: int(-1), epsilon: float(epsilon) },
    },
    [{ shape: x.shape }, { shape: statistics }, { shape: statistics }],
  );
  if (!y) throw new ShapeError('LayerNormalization: no output');
  return y;
}
