import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { type DType, dtypes, elementCount } from './dtype.js';
import { readExactly } from './read-exactly.js';
import {
  loadWeightMap,
  type ReadWeightsOptions,
  type TensorInfo,
  type TensorMap,
  tensorMapOver,
  type WeightTensor,
} from './tensor-map.js';
import { WeightsFormatError } from './weights-error.js';

/** Limit of the format's reference implementation: a header past it is an attack or not a safetensors file. */
const MAX_HEADER_BYTES = 100_000_000;

const offset = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(offset),
  data_offsets: z.tuple([offset, offset]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

interface Placed extends TensorInfo {
  /** First byte in the file. */
  readonly start: number;
  readonly byteLength: number;
}

interface Header {
  readonly tensors: Map<string, Placed>;
  readonly metadata: Record<string, string>;
}

/** Opens a safetensors file; tensors are read from it one by one, when asked.
 *  The whole header is checked first: sizes against shapes, overlaps, holes, element types, file length.
 *  @throws {WeightsFormatError} for a file that is not exactly what the format says. */
export async function readSafetensors(path: string, options: ReadWeightsOptions = {}): Promise<TensorMap> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new WeightsFormatError(
      path,
      `cannot be opened (${cause instanceof Error ? cause.message : cause})`,
      {},
      cause,
    );
  });
  try {
    const { tensors, metadata } = await readHeader(path, file);
    const fetchBytes = async (name: string): Promise<Uint8Array> => {
      const placed = tensors.get(name);
      if (!placed) throw new WeightsFormatError(path, `no tensor named "${name}"`);
      return readExactly(path, file, placed.start, placed.byteLength);
    };
    return tensorMapOver(path, tensors, fetchBytes, { ...options, metadata, close: () => file.close() });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads a whole safetensors file into memory as float32 and closes it.
 *  @throws {WeightsFormatError} @throws {NonFiniteWeightsError} */
export async function loadSafetensors(
  path: string,
  options: ReadWeightsOptions = {},
): Promise<Map<string, WeightTensor>> {
  const tensors = await readSafetensors(path, options);
  try {
    return await loadWeightMap(tensors);
  } finally {
    await tensors.close();
  }
}

async function readHeader(path: string, file: FileHandle): Promise<Header> {
  const { size } = await file.stat();
  if (size < 8)
    throw new WeightsFormatError(path, `${size} bytes, too short for a safetensors file (at least 8)`);
  const prefix = await readExactly(path, file, 0, 8);
  const headerBytes = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > size - 8) {
    throw new WeightsFormatError(
      path,
      `announces a header of ${headerBytes} bytes in a file of ${size}; truncated, or not a safetensors file`,
    );
  }
  const text = new TextDecoder().decode(await readExactly(path, file, 8, headerBytes));
  return parseHeader(path, text, 8 + headerBytes, size);
}

function parseHeader(path: string, text: string, dataStart: number, fileSize: number): Header {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new WeightsFormatError(
      path,
      'its header is not JSON; not a safetensors file, or a damaged one',
      {},
      cause,
    );
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw new WeightsFormatError(path, 'its header is not a JSON object');
  const { __metadata__: rawMetadata, ...entries } = parsed.data;
  const metadata = metadataSchema.safeParse(rawMetadata ?? {});
  if (!metadata.success) throw new WeightsFormatError(path, '"__metadata__" must map text to text');
  const tensors = new Map<string, Placed>();
  for (const [name, entry] of Object.entries(entries))
    tensors.set(name, parseEntry(path, name, entry, dataStart));
  assertCovered(path, [...tensors.values()], dataStart, fileSize);
  return { tensors, metadata: metadata.data };
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): Placed {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    throw new WeightsFormatError(path, `tensor "${name}": ${z.prettifyError(parsed.error)}`, {
      tensor: name,
    });
  }
  const { dtype, shape, data_offsets } = parsed.data;
  if (!isDType(dtype)) {
    const known = Object.keys(dtypes).join(', ');
    throw new WeightsFormatError(path, `tensor "${name}" has element type ${dtype}; readable are ${known}`, {
      tensor: name,
    });
  }
  const byteLength = data_offsets[1] - data_offsets[0];
  const expected = elementCount(shape) * dtypes[dtype].bytes;
  if (byteLength !== expected) {
    throw new WeightsFormatError(
      path,
      `tensor "${name}" of ${dtype} [${shape.join(', ')}] needs ${expected} bytes, its offsets span ${byteLength}`,
      { tensor: name },
    );
  }
  return { name, dtype, shape, start: dataStart + data_offsets[0], byteLength };
}

/** The format asks that tensors fill the data section with no overlap, no hole and nothing after. */
function assertCovered(path: string, tensors: readonly Placed[], dataStart: number, fileSize: number): void {
  let end = dataStart;
  const byStart = [...tensors].sort((a, b) => a.start - b.start || a.byteLength - b.byteLength);
  for (const tensor of byStart) {
    if (tensor.start !== end) {
      const problem = tensor.start < end ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw new WeightsFormatError(
        path,
        `tensor "${tensor.name}" starts at byte ${tensor.start} where ${end} was expected: it ${problem}`,
        { tensor: tensor.name },
      );
    }
    end = tensor.start + tensor.byteLength;
  }
  if (end !== fileSize) {
    const problem = fileSize < end ? 'truncated; fetch it again' : 'bytes follow that belong to no tensor';
    throw new WeightsFormatError(path, `${fileSize} bytes where its header describes ${end}: ${problem}`);
  }
}

function isDType(name: string): name is DType {
  return Object.hasOwn(dtypes, name);
}
