import { isKind, type PickleStorage, type PickleValue } from './pickle-values.js';
import { WeightsFormatError } from './weights-error.js';

type Rebuild = (where: string, args: readonly PickleValue[]) => PickleValue;

/** Element types that PyTorch's storages may have. */
export const storageTypes = [
  ...['FloatStorage', 'HalfStorage', 'DoubleStorage', 'BFloat16Storage', 'LongStorage', 'IntStorage'],
  ...['ShortStorage', 'CharStorage', 'ByteStorage', 'BoolStorage'],
] as const;

/** The only names that a checkpoint may call, each with what it makes. None of them runs anything. */
const callables: Readonly<Record<string, Rebuild>> = {
  'collections.OrderedDict': (where, args) => {
    const dict: PickleValue = { kind: 'dict', entries: new Map() };
    const [pairs] = args;
    if (!isKind(pairs, 'list')) return dict;
    for (const pair of pairs.items) {
      if (!isKind(pair, 'tuple') && !isKind(pair, 'list'))
        throw damaged(where, 'an OrderedDict of something else than pairs');
      dict.entries.set(pair.items[0] ?? null, pair.items[1] ?? null);
    }
    return dict;
  },
  'torch.Size': (_, args) => args[0] ?? { kind: 'tuple', items: [] },
  'torch._utils._rebuild_parameter': (where, args) => {
    if (!isKind(args[0], 'tensor')) throw damaged(where, 'a parameter that is no tensor');
    return args[0];
  },
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
};

/** Names that stand for a type only; they are carried along and never called. */
const markers: ReadonlySet<string> = new Set([
  ...storageTypes.map((type) => `torch.${type}`),
  ...['float32', 'float16', 'float64', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'].map(
    (type) => `torch.${type}`,
  ),
]);

/** Looks a name up. @throws {WeightsFormatError} for any name that is not in the two lists above. */
export function resolveGlobal(where: string, module: string, attribute: string): PickleValue {
  const name = `${module}.${attribute}`;
  if (Object.hasOwn(callables, name) || markers.has(name)) return { kind: 'global', name };
  throw new WeightsFormatError(
    where,
    `refused: it asks for "${name}", which is not part of a file of tensors; loading it in PyTorch could run code. ` +
      'Save the state dict alone, or take a safetensors file',
    { global: name },
  );
}

/** Makes the object that a call of an allowed name stands for. */
export function callGlobal(where: string, callee: PickleValue, args: PickleValue): PickleValue {
  if (!isKind(callee, 'global') || !isKind(args, 'tuple'))
    throw damaged(where, 'a call of something that is no name');
  const rebuild = Object.hasOwn(callables, callee.name) ? callables[callee.name] : undefined;
  if (!rebuild)
    throw new WeightsFormatError(where, `refused: it calls "${callee.name}"`, { global: callee.name });
  return rebuild(where, args.items);
}

/** A storage from its persistent id: `('storage', type, key, location, elements[, view])`. */
export function resolveStorage(where: string, id: PickleValue): PickleStorage {
  if (!isKind(id, 'tuple')) throw damaged(where, 'a storage without its description');
  const [tag, type, key, , length] = id.items;
  if (tag !== 'storage' || !isKind(type, 'global') || typeof key !== 'string' || !isCount(length)) {
    throw damaged(where, 'a storage whose description is not PyTorch’s');
  }
  return { kind: 'storage', type: type.name.slice('torch.'.length), key, length };
}

/** `(storage, offset, size, stride, …)`; what follows concerns gradients. */
function rebuildTensor(where: string, args: readonly PickleValue[]): PickleValue {
  const [storage, offset, size, stride] = args;
  if (!isKind(storage, 'storage') || !isCount(offset)) throw damaged(where, 'a tensor without a storage');
  const shape = counts(where, size);
  const strides = counts(where, stride);
  if (shape.length !== strides.length)
    throw damaged(where, 'a tensor with another number of strides than sizes');
  const isEmpty = shape.includes(0);
  const elements = shape.reduce((product, n) => product * n, 1);
  const last = isEmpty ? 0 : offset + shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), 0);
  // The second test stops a tensor of a billion copies of one element.
  if ((!isEmpty && last >= storage.length) || elements > storage.length) {
    throw new WeightsFormatError(
      where,
      `a tensor [${shape.join(', ')}] with strides [${strides.join(', ')}] reaches past its storage of ${storage.length} elements`,
    );
  }
  return { kind: 'tensor', storage, offset, shape, strides };
}

function counts(where: string, value: PickleValue | undefined): number[] {
  if (!isKind(value, 'tuple') && !isKind(value, 'list'))
    throw damaged(where, 'a tensor whose size is no tuple');
  return value.items.map((item) => {
    if (!isCount(item)) throw damaged(where, 'a tensor whose size is not made of whole numbers');
    return item;
  });
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function damaged(where: string, what: string): WeightsFormatError {
  return new WeightsFormatError(where, `its pickle is damaged: ${what}`);
}
