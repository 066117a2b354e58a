import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.js';

/** Element types of weight files, by their safetensors names. */
export type DType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

interface DTypeRule {
  readonly bytes: number;
  readonly isFloat: boolean;
  /** Elements as float32. `bytes` starts at an address aligned to the element size. */
  readonly toFloat32: (bytes: Uint8Array) => Float32Array;
  /** Little-endian bytes of the given numbers, rounded as the type needs. */
  readonly fromFloat32: (values: Float32Array) => Uint8Array;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Files are little-endian, and so is every platform that Node runs the onnxruntime binding on. */
const view = <T>(
  Type: { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T => new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / Type.BYTES_PER_ELEMENT);

const bigIntsToFloat32 = (values: BigInt64Array): Float32Array => {
  const out = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = Number(values[i]);
  return out;
};

const float32ToBigInts = (values: Float32Array): BigInt64Array => {
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = BigInt(Math.trunc(values[i] ?? 0));
  return out;
};

/** What each element type weighs and how it converts. */
export const dtypes: Readonly<Record<DType, DTypeRule>> = {
  F64: {
    bytes: 8,
    isFloat: true,
    toFloat32: (b) => Float32Array.from(view(Float64Array, b)),
    fromFloat32: (v) => bytesOf(Float64Array.from(v)),
  },
  F32: { bytes: 4, isFloat: true, toFloat32: (b) => view(Float32Array, b), fromFloat32: bytesOf },
  F16: {
    bytes: 2,
    isFloat: true,
    toFloat32: (b) => float16ToFloat32(view(Uint16Array, b)),
    fromFloat32: (v) => bytesOf(float32ToFloat16(v)),
  },
  BF16: {
    bytes: 2,
    isFloat: true,
    toFloat32: (b) => bfloat16ToFloat32(view(Uint16Array, b)),
    fromFloat32: (v) => bytesOf(float32ToBfloat16(v)),
  },
  I64: {
    bytes: 8,
    isFloat: false,
    toFloat32: (b) => bigIntsToFloat32(view(BigInt64Array, b)),
    fromFloat32: (v) => bytesOf(float32ToBigInts(v)),
  },
  I32: {
    bytes: 4,
    isFloat: false,
    toFloat32: (b) => Float32Array.from(view(Int32Array, b)),
    fromFloat32: (v) => bytesOf(Int32Array.from(v)),
  },
  I16: {
    bytes: 2,
    isFloat: false,
    toFloat32: (b) => Float32Array.from(view(Int16Array, b)),
    fromFloat32: (v) => bytesOf(Int16Array.from(v)),
  },
  I8: {
    bytes: 1,
    isFloat: false,
    toFloat32: (b) => Float32Array.from(view(Int8Array, b)),
    fromFloat32: (v) => bytesOf(Int8Array.from(v)),
  },
  U8: {
    bytes: 1,
    isFloat: false,
    toFloat32: (b) => Float32Array.from(b),
    fromFloat32: (v) => Uint8Array.from(v),
  },
  BOOL: {
    bytes: 1,
    isFloat: false,
    toFloat32: (b) => Float32Array.from(b, (x) => (x === 0 ? 0 : 1)),
    fromFloat32: (v) => Uint8Array.from(v, (x) => (x === 0 ? 0 : 1)),
  },
};

/** Number of elements of a shape; 1 for a scalar (`[]`). */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
