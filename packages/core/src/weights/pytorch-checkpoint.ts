import { type FileHandle, open } from 'node:fs/promises';
import { type DType, dtypes, elementCount } from './dtype.js';
import {
  type CheckpointSource,
  isKind,
  type PickleDict,
  type PickleTensor,
  type PickleValue,
} from './pickle-values.js';
import { readLegacyCheckpoint } from './pytorch-legacy.js';
import { readExactly } from './read-exactly.js';
import { readPickle } from './read-pickle.js';
import { type ReadWeightsOptions, type TensorInfo, type TensorMap, tensorMapOver } from './tensor-map.js';
import { WeightsFormatError } from './weights-error.js';
import { readZipDirectory, readZipEntry, type ZipEntry } from './zip-directory.js';

/** A state dict of a model with a million tensors pickles to about 200 MB. */
const MAX_PICKLE_BYTES = 256 << 20;

const storageDTypes: Readonly<Record<string, DType>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  DoubleStorage: 'F64',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** Opens a file that `torch.save` wrote (`.pth`, `.pt`, `.bin`): zip archives, and the older plain form.
 *  Only tensors are read and nothing in the file is ever executed: any name outside a short list is refused.
 *  Names are the keys of the state dict; one inside `state_dict`, `model` or the like is found by itself, nested
 *  dicts are joined with dots, and the `module.` that data-parallel training puts in front is taken away.
 *  @throws {WeightsFormatError} */
export async function readPytorchCheckpoint(
  path: string,
  options: ReadWeightsOptions = {},
): Promise<TensorMap> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new WeightsFormatError(
      path,
      `cannot be opened (${cause instanceof Error ? cause.message : cause})`,
      {},
      cause,
    );
  });
  try {
    const source = (await isZip(path, file))
      ? await readZip(path, file)
      : await readLegacyCheckpoint(path, file);
    const tensors = stateDict(path, source.root);
    const infos = new Map([...tensors].map(([name, tensor]) => [name, infoOf(path, name, tensor)]));
    const fetchBytes = (name: string): Promise<Uint8Array> => {
      const tensor = tensors.get(name);
      const info = infos.get(name);
      if (!tensor || !info) throw new WeightsFormatError(path, `no tensor named "${name}"`);
      return tensorBytes(source, tensor, dtypes[info.dtype].bytes);
    };
    return tensorMapOver(path, infos, fetchBytes, { ...options, close: () => file.close() });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function isZip(path: string, file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size < 4) throw new WeightsFormatError(path, `${size} bytes, too short for a checkpoint`);
  const magic = await readExactly(path, file, 0, 4);
  return magic[0] === 0x50 && magic[1] === 0x4b && magic[2] === 3 && magic[3] === 4;
}

async function readZip(path: string, file: FileHandle): Promise<CheckpointSource> {
  const entries = await readZipDirectory(path, file);
  const pickleEntry = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickleEntry) {
    throw new WeightsFormatError(path, 'a zip archive without "data.pkl"; not a file that torch.save wrote');
  }
  const folder = pickleEntry.name.slice(0, -'data.pkl'.length);
  if (
    entries.has(`${folder}code/`) ||
    [...entries.keys()].some((name) => name.startsWith(`${folder}code/`))
  ) {
    throw new WeightsFormatError(
      path,
      'a TorchScript archive, which is a program; save its state dict with torch.save',
    );
  }
  const order = entries.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(await readZipEntry(path, file, order)) !== 'little') {
    throw new WeightsFormatError(path, 'was written on a big-endian machine; not supported');
  }
  if (pickleEntry.bytes > MAX_PICKLE_BYTES) {
    throw new WeightsFormatError(
      path,
      `"data.pkl" has ${pickleEntry.bytes} bytes, more than any state dict needs`,
    );
  }
  const { value } = readPickle(path, await readZipEntry(path, file, pickleEntry));
  const storage = (key: string): ZipEntry => {
    const entry = entries.get(`${folder}data/${key}`);
    if (!entry) throw new WeightsFormatError(path, `the storage "${key}" is missing; truncated`);
    return entry;
  };
  return {
    root: value,
    storageBytes: async (key, start, length) => readZipEntry(path, file, storage(key), start, length),
  };
}

/** Keys under which training programs put the state dict beside other things. */
const WRAPPERS = ['state_dict', 'model', 'model_state_dict', 'module'];

function stateDict(path: string, root: PickleValue): Map<string, PickleTensor> {
  if (!isKind(root, 'dict')) throw new WeightsFormatError(path, 'holds no state dict (a dict of tensors)');
  const wrapper = WRAPPERS.map((key) => root.entries.get(key)).find((value) => isKind(value, 'dict'));
  const hasOwnTensors = [...root.entries.values()].some((value) => isKind(value, 'tensor'));
  const tensors = new Map<string, PickleTensor>();
  flatten(!hasOwnTensors && isKind(wrapper, 'dict') ? wrapper : root, '', tensors, new Set());
  if (tensors.size === 0) throw new WeightsFormatError(path, 'holds no tensor');
  const names = [...tensors.keys()];
  if (!names.every((name) => name.startsWith('module.'))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice('module.'.length), tensor]));
}

/** Each dict is entered once: a pickle may hold itself, or one dict a billion times. */
function flatten(
  dict: PickleDict,
  prefix: string,
  into: Map<string, PickleTensor>,
  seen: Set<PickleDict>,
): void {
  if (seen.has(dict)) return;
  seen.add(dict);
  for (const [key, value] of dict.entries) {
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    const name = `${prefix}${key}`;
    if (isKind(value, 'tensor')) into.set(name, value);
    else if (isKind(value, 'dict')) flatten(value, `${name}.`, into, seen);
  }
}

function infoOf(path: string, name: string, tensor: PickleTensor): TensorInfo {
  const dtype = storageDTypes[tensor.storage.type];
  if (!dtype)
    throw new WeightsFormatError(path, `tensor "${name}" has the element type ${tensor.storage.type}`);
  return { name, dtype, shape: tensor.shape };
}

/** The tensor's elements, row-major, whatever its strides. */
async function tensorBytes(
  source: CheckpointSource,
  tensor: PickleTensor,
  width: number,
): Promise<Uint8Array> {
  const { shape, strides, offset, storage } = tensor;
  const count = elementCount(shape);
  if (count === 0) return new Uint8Array(0);
  const span = 1 + shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 0);
  const bytes = await source.storageBytes(storage.key, offset * width, span * width);
  return isRowMajor(shape, strides) ? bytes : gatherElements(bytes, shape, strides, width, count);
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

function gatherElements(
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  width: number,
  count: number,
): Uint8Array {
  const out = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    for (let byte = 0; byte < width; byte++) out[to * width + byte] = bytes[from * width + byte] ?? 0;
    // An odometer over the indices: the last axis turns fastest, a full turn carries over to the one before.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return out;
}
