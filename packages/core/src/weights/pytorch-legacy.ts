import type { FileHandle } from 'node:fs/promises';
import { type CheckpointSource, isKind, type PickleStorage, type PickleValue } from './pickle-values.js';
import { readExactly } from './read-exactly.js';
import { readPickle } from './read-pickle.js';
import { WeightsFormatError } from './weights-error.js';

/** First value of every file of the old form, `torch.serialization.MAGIC_NUMBER`. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

const elementBytes: Readonly<Record<string, number>> = {
  FloatStorage: 4,
  HalfStorage: 2,
  DoubleStorage: 8,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
};

/** Pickles sit in front of the data; a window of this size holds those of any model of that time. */
const MAX_PICKLES_BYTES = 64 << 20;

/** Reads what `torch.save` wrote before PyTorch 1.6, as torchvision's VGG still is: five pickles
 *  (magic, protocol, machine, object, storage keys), then each storage as its length and its elements.
 *  @throws {WeightsFormatError} */
export async function readLegacyCheckpoint(path: string, file: FileHandle): Promise<CheckpointSource> {
  const { size } = await file.stat();
  const bytes = await readExactly(path, file, 0, Math.min(size, MAX_PICKLES_BYTES));
  if (bytes[0] !== 0x80) {
    throw new WeightsFormatError(
      path,
      'neither a zip archive nor a pickle; not a file that torch.save wrote',
    );
  }
  const magic = readPickle(path, bytes);
  if (magic.value !== MAGIC)
    throw new WeightsFormatError(path, 'a pickle, but not one that torch.save wrote');
  const protocol = readPickle(path, bytes, magic.end);
  if (protocol.value !== PROTOCOL)
    throw new WeightsFormatError(path, `has the unknown form ${String(protocol.value)}`);
  const machine = readPickle(path, bytes, protocol.end);
  if (isKind(machine.value, 'dict') && machine.value.entries.get('little_endian') === false) {
    throw new WeightsFormatError(path, 'was written on a big-endian machine; not supported');
  }
  const root = readPickle(path, bytes, machine.end);
  const keys = readPickle(path, bytes, root.end);
  const starts = await locateStorages(path, file, keys.value, keys.end, storagesOf(root.value));
  return {
    root: root.value,
    storageBytes: async (key, start, length) => {
      const place = starts.get(key);
      if (!place || start + length > place.bytes)
        throw new WeightsFormatError(path, `the storage "${key}" is too short`);
      return readExactly(path, file, place.start + start, length);
    },
  };
}

interface Place {
  readonly start: number;
  readonly bytes: number;
}

async function locateStorages(
  path: string,
  file: FileHandle,
  keys: PickleValue,
  start: number,
  storages: ReadonlyMap<string, PickleStorage>,
): Promise<Map<string, Place>> {
  if (!isKind(keys, 'list')) throw new WeightsFormatError(path, 'its list of storages is damaged');
  const places = new Map<string, Place>();
  let at = start;
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    const width = storage && elementBytes[storage.type];
    if (!storage || !width)
      throw new WeightsFormatError(path, `lists the storage "${String(key)}" that no tensor uses`);
    const header = await readExactly(path, file, at, 8);
    const length = Number(new DataView(header.buffer).getBigInt64(0, true));
    if (length !== storage.length) {
      throw new WeightsFormatError(
        path,
        `the storage "${storage.key}" has ${length} elements, expected ${storage.length}`,
      );
    }
    places.set(storage.key, { start: at + 8, bytes: length * width });
    at += 8 + length * width;
  }
  return places;
}

function storagesOf(root: PickleValue): Map<string, PickleStorage> {
  const storages = new Map<string, PickleStorage>();
  const seen = new Set<PickleValue>();
  const waiting: PickleValue[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isKind(value, 'tensor')) storages.set(value.storage.key, value.storage);
    else if (isKind(value, 'storage')) storages.set(value.key, value);
    // One at a time: a call takes only so many arguments, and a list may be longer.
    else if (isKind(value, 'dict')) for (const item of value.entries.values()) waiting.push(item);
    else if ('items' in value) for (const item of value.items) waiting.push(item);
  }
  return storages;
}
