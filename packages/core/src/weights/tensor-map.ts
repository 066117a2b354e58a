import { type DType, dtypes } from './dtype.js';
import { dequantizeRows, scaleName } from './quantize.js';
import { MissingTensorError, NonFiniteWeightsError, WeightsFormatError } from './weights-error.js';

/** Name, stored type and shape of one tensor of a file. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A tensor in memory: float32, row-major, `data.length` = product of `shape`. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights in memory by name: what model builders take. */
export type WeightMap = ReadonlyMap<string, WeightTensor>;

/** The tensors of a weight file, read one by one when asked. Close it to let go of the file. */
export interface TensorMap {
  /** File path, for messages. */
  readonly source: string;
  /** Free text stored beside the tensors (`__metadata__`). */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names as a model sees them: the scales of quantised matrices are not listed. */
  names(): readonly string[];
  has(name: string): boolean;
  /** @throws {MissingTensorError} */
  info(name: string): TensorInfo;
  /** Values as float32, converted from whatever is stored; quantised matrices are given back in full.
   *  @throws {MissingTensorError} @throws {NonFiniteWeightsError} unless the map was opened with `allowNonFinite`. */
  float32(name: string): Promise<Float32Array>;
  /** Stored bytes, unconverted. */
  bytes(name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Reading options of every weight file. */
export interface ReadWeightsOptions {
  /** Let NaN and infinities through; refused by default, since no weight of a working model holds one. */
  readonly allowNonFinite?: boolean;
}

/** Builds a {@link TensorMap} over a table of tensors and a function that fetches the bytes of one.
 *  The bytes must start at an address aligned to 8. */
export function tensorMapOver(
  source: string,
  infos: ReadonlyMap<string, TensorInfo>,
  fetchBytes: (name: string) => Promise<Uint8Array>,
  options: ReadWeightsOptions & {
    readonly metadata?: Readonly<Record<string, string>>;
    readonly close?: () => Promise<void>;
  } = {},
): TensorMap {
  const isQuantized = (name: string): boolean =>
    infos.get(name)?.dtype === 'I8' && infos.has(scaleName(name));
  const isScale = (name: string): boolean => name.endsWith('.scale') && isQuantized(name.slice(0, -6));
  const info = (name: string): TensorInfo => {
    const found = infos.get(name);
    if (!found) throw new MissingTensorError(source, name, [...infos.keys()]);
    return found;
  };
  const plainFloat32 = async (name: string): Promise<Float32Array> => {
    const rule = dtypes[info(name).dtype];
    const values = rule.toFloat32(await fetchBytes(name));
    if (rule.isFloat && !options.allowNonFinite) assertFinite(source, name, values);
    return values;
  };
  return {
    source,
    metadata: options.metadata ?? {},
    names: () => [...infos.keys()].filter((name) => !isScale(name)),
    has: (name) => infos.has(name),
    info,
    bytes: async (name) => fetchBytes(info(name).name),
    close: options.close ?? (async () => {}),
    float32: async (name) => {
      if (!isQuantized(name)) return plainFloat32(name);
      const { shape } = info(name);
      const scales = await plainFloat32(scaleName(name));
      if (scales.length !== shape[0]) {
        throw new WeightsFormatError(
          source,
          `"${scaleName(name)}" holds ${scales.length} scales, expected one for each of the ${shape[0]} rows of "${name}"`,
        );
      }
      const bytes = await fetchBytes(name);
      return dequantizeRows(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), scales);
    },
  };
}

/** Several files as one, as large models are cut into. Closing it closes all of them.
 *  @throws {WeightsFormatError} when two files hold the same name. */
export function joinTensorMaps(source: string, parts: readonly TensorMap[]): TensorMap {
  const owners = new Map<string, TensorMap>();
  for (const part of parts) {
    for (const name of part.names()) {
      const other = owners.get(name);
      if (other)
        throw new WeightsFormatError(source, `"${name}" is both in ${other.source} and in ${part.source}`);
      owners.set(name, part);
    }
  }
  const owner = (name: string): TensorMap => {
    const found = owners.get(name);
    if (!found) throw new MissingTensorError(source, name, [...owners.keys()]);
    return found;
  };
  return {
    source,
    metadata: Object.assign({}, ...parts.map((part) => part.metadata)) as Record<string, string>,
    names: () => [...owners.keys()],
    has: (name) => owners.has(name),
    info: (name) => owner(name).info(name),
    float32: async (name) => owner(name).float32(name),
    bytes: async (name) => owner(name).bytes(name),
    close: async () => {
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

/** Reads every tensor whose name passes `keep` into memory. */
export async function loadWeightMap(
  tensors: TensorMap,
  keep: (name: string) => boolean = () => true,
): Promise<Map<string, WeightTensor>> {
  const loaded = new Map<string, WeightTensor>();
  for (const name of tensors.names().filter(keep)) {
    loaded.set(name, { shape: tensors.info(name).shape, data: await tensors.float32(name) });
  }
  return loaded;
}

function assertFinite(source: string, name: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (!Number.isFinite(value)) throw new NonFiniteWeightsError(source, name, i, value);
  }
}
