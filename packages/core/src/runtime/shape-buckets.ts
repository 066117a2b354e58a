import { ShapeError } from '../onnx/errors.js';
import type { HostTensor } from './session.js';

/** The batch size to run `count` items with: the next power of two, at most `max`. The runtime keeps buffers for
 *  every shape it meets, so a handful of sizes keeps its memory flat where every size from 1 to `max` would not.
 *  @throws {RangeError} unless `1 ≤ count ≤ max`, both whole. */
export function bucketSize(count: number, max: number): number {
  if (!Number.isInteger(count) || !Number.isInteger(max) || count < 1 || count > max) {
    throw new RangeError(`bucketSize: expected a whole number from 1 to ${max}, got ${count}`);
  }
  return Math.min(max, 2 ** Math.ceil(Math.log2(count)));
}

/** The tensor with `rows` rows on its first axis; the new ones repeat the first row, which is always a valid item.
 *  @throws {ShapeError} if it has none, or more than `rows`. */
export function padRows(tensor: HostTensor, rows: number): HostTensor {
  const [given = 0] = tensor.shape;
  if (given === rows) return tensor;
  if (given < 1 || given > rows) {
    throw new ShapeError(`padRows: expected 1 to ${rows} rows, got [${tensor.shape.join(', ')}]`);
  }
  const width = tensor.data.length / given;
  const Data = tensor.data.constructor as new (length: number) => Float32Array;
  const data = new Data(width * rows);
  data.set(tensor.data as Float32Array);
  for (let row = given; row < rows; row++) data.copyWithin(row * width, 0, width);
  return { dtype: tensor.dtype, shape: [rows, ...tensor.shape.slice(1)], data };
}

/** The first `rows` rows, as a view on the same memory. @throws {ShapeError} if there are fewer. */
export function takeRows(tensor: HostTensor, rows: number): HostTensor {
  const [given = 0] = tensor.shape;
  if (given === rows) return tensor;
  if (given < rows) throw new ShapeError(`takeRows: expected ${rows} rows, got [${tensor.shape.join(', ')}]`);
  const width = tensor.data.length / given;
  return {
    dtype: tensor.dtype,
    shape: [rows, ...tensor.shape.slice(1)],
    data: tensor.data.subarray(0, rows * width),
  };
}
