import type { FileHandle } from 'node:fs/promises';
import { atomicWrite } from './atomic-write.js';
import { type DType, dtypes, elementCount } from './dtype.js';
import { quantizeRows, scaleName } from './quantize.js';
import { WeightsFormatError } from './weights-error.js';

/** Typed arrays whose bytes are stored as they are, by their element type. */
type IntegerArray = Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** A tensor to store: float32 values rounded to `dtype` (F32 unless told), or integers as they are. */
export type TensorToWrite =
  | { readonly shape: readonly number[]; readonly data: Float32Array; readonly dtype?: DType | 'INT8_ROWS' }
  | { readonly shape: readonly number[]; readonly data: IntegerArray };

/** Where a file's tensors come from: a map, or a plain record. */
export type TensorsToWrite = ReadonlyMap<string, TensorToWrite> | Readonly<Record<string, TensorToWrite>>;

interface Encoded {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Writes a safetensors file atomically. The same tensors give the same bytes: order is by alignment, then name.
 *  `dtype: 'INT8_ROWS'` stores a matrix as I8 with one F32 scale a row under `<name>.scale`;
 *  the reader gives it back as float32.
 *  @throws {WeightsFormatError} when data and shape disagree, or a value does not fit the type. */
export async function writeSafetensors(
  path: string,
  tensors: TensorsToWrite,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const encoded = entries
    .flatMap(([name, tensor]) => encodeTensor(path, name, tensor))
    .sort(byAlignmentThenName);
  const header = encodeHeader(path, encoded, metadata);
  await atomicWrite(path, async (file) => {
    await writeFully(file, header);
    for (const tensor of encoded) await writeFully(file, tensor.bytes);
  });
}

function encodeTensor(path: string, name: string, tensor: TensorToWrite): Encoded[] {
  const { data, shape } = tensor;
  if (data.length !== elementCount(shape)) {
    throw new WeightsFormatError(
      path,
      `tensor "${name}" has ${data.length} values, its shape [${shape.join(', ')}] needs ${elementCount(shape)}`,
    );
  }
  if (!(data instanceof Float32Array))
    return [{ name, shape, dtype: integerDType(data), bytes: rawBytes(data) }];
  const dtype = ('dtype' in tensor ? tensor.dtype : undefined) ?? 'F32';
  if (dtype !== 'INT8_ROWS') {
    assertFits(path, name, data, dtype);
    return [{ name, shape, dtype, bytes: dtypes[dtype].fromFloat32(data) }];
  }
  const rows = shape[0];
  if (rows === undefined)
    throw new WeightsFormatError(path, `tensor "${name}" is a scalar and has no rows to scale`);
  const quantized = quantizeRows(data, rows);
  return [
    { name, shape, dtype: 'I8', bytes: rawBytes(quantized.data) },
    { name: scaleName(name), shape: [rows], dtype: 'F32', bytes: rawBytes(quantized.scales) },
  ];
}

/** A finite value that would become an infinity in 16 bits is refused instead of written. */
function assertFits(path: string, name: string, values: Float32Array, dtype: DType): void {
  if (dtype !== 'F16') return;
  // Halfway between the largest half and the next step: from here on rounding gives an infinity.
  const limit = 65520;
  const index = values.findIndex((value) => Number.isFinite(value) && Math.abs(value) >= limit);
  if (index >= 0) {
    throw new WeightsFormatError(
      path,
      `tensor "${name}" holds ${values[index]}, which F16 (up to 65504) cannot`,
    );
  }
}

function byAlignmentThenName(a: Encoded, b: Encoded): number {
  const alignment = dtypes[b.dtype].bytes - dtypes[a.dtype].bytes;
  if (alignment !== 0) return alignment;
  return a.name < b.name ? -1 : 1;
}

function encodeHeader(
  path: string,
  tensors: readonly Encoded[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header.__metadata__ = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  let start = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    if (Object.hasOwn(header, name)) throw new WeightsFormatError(path, `two tensors are named "${name}"`);
    header[name] = { dtype, shape, data_offsets: [start, start + bytes.byteLength] };
    start += bytes.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8 keep the first tensor aligned for readers that map the file.
  const padded = Math.ceil(json.byteLength / 8) * 8;
  const out = new Uint8Array(8 + padded).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(json, 8);
  return out;
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.byteLength - done, 1 << 30));
    done += bytesWritten;
  }
}

function integerDType(data: IntegerArray): DType {
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof Uint8Array) return 'U8';
  return data instanceof Int32Array ? 'I32' : 'I64';
}

function rawBytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
