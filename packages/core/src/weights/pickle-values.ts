/** What a pickle of tensors may hold: plain data, storages and tensors. Nothing here can run. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleStorage
  | PickleTensor;

/** A list or a tuple. */
export interface PickleList {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: PickleValue[];
}

/** A dict or an OrderedDict; in order of insertion. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<PickleValue, PickleValue>;
}

/** An allowed name, not yet called. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** `module.name`. */
  readonly name: string;
}

/** A block of elements that tensors share. */
export interface PickleStorage {
  readonly kind: 'storage';
  /** PyTorch's class, such as `FloatStorage`. */
  readonly type: string;
  readonly key: string;
  /** Elements. */
  readonly length: number;
}

/** A view on a storage, in elements. */
export interface PickleTensor {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A checkpoint's pickle, and where its storages' bytes come from. */
export interface CheckpointSource {
  readonly root: PickleValue;
  /** `length` bytes of a storage from `start`. */
  readonly storageBytes: (key: string, start: number, length: number) => Promise<Uint8Array>;
}

/** Whether a value is an object of the given kind. */
export function isKind<K extends 'list' | 'tuple' | 'set' | 'dict' | 'global' | 'storage' | 'tensor'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: string }> & { readonly kind: K } {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
