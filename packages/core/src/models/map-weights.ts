import type { Parameter } from '../nn/parameters.js';
import type { TensorMap } from '../weights/tensor-map.js';
import { WeightsFormatError } from '../weights/weights-error.js';

/** Where a weight of ours comes from: a tensor of the file, several joined on their first axis,
 *  or one `[inputs, outputs]` matrix to be transposed. */
export type WeightOrigin = string | readonly string[] | { readonly transposed: string };

/** Our name → where it comes from. */
export type WeightMapping = Readonly<Record<string, WeightOrigin>>;

/** Reads the weights that a mapping names, and no others.
 *  @throws {MissingTensorError} naming the first that the file does not hold. */
export async function readMappedWeights(
  tensors: TensorMap,
  mapping: WeightMapping,
): Promise<Map<string, Parameter>> {
  const weights = new Map<string, Parameter>();
  for (const [name, origin] of Object.entries(mapping)) weights.set(name, await readOrigin(tensors, origin));
  return weights;
}

async function readOrigin(tensors: TensorMap, origin: WeightOrigin): Promise<Parameter> {
  if (typeof origin === 'string') return readOne(tensors, origin);
  if ('transposed' in origin) return transposed(tensors, origin.transposed);
  const parts = await Promise.all(origin.map((name) => readOne(tensors, name)));
  const tail = parts[0]?.shape.slice(1) ?? [];
  if (parts.some(({ shape }) => shape.slice(1).join() !== tail.join())) {
    throw new WeightsFormatError(
      tensors.source,
      `the tensors ${origin.join(', ')} differ in width and cannot be joined`,
    );
  }
  const data = new Float32Array(parts.reduce((length, part) => length + part.data.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.data.length;
  }
  return { shape: [parts.reduce((rows, { shape }) => rows + (shape[0] ?? 0), 0), ...tail], data };
}

async function readOne(tensors: TensorMap, name: string): Promise<Parameter> {
  return { shape: tensors.info(name).shape, data: await tensors.float32(name) };
}

async function transposed(tensors: TensorMap, name: string): Promise<Parameter> {
  const { shape, data } = await readOne(tensors, name);
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new WeightsFormatError(
      tensors.source,
      `tensor "${name}" has shape [${shape.join(', ')}], expected a matrix`,
    );
  }
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return { shape: [columns, rows], data: out };
}

/** `weight` and `bias` of one layer under two names. */
export const layerMapping = (ours: string, theirs: string): WeightMapping => ({
  [`${ours}.weight`]: `${theirs}.weight`,
  [`${ours}.bias`]: `${theirs}.bias`,
});

/** Where the parts of one transformer block lie in a file. */
export interface BlockNames {
  readonly norm1: string;
  readonly norm2: string;
  /** One fused layer, by its name or by those of its two tensors, or the three that are joined into it. */
  readonly qkv:
    | string
    | readonly [string, string, string]
    | { readonly weight: string; readonly bias: string };
  readonly out: string;
  readonly up: string;
  readonly down: string;
}

/** Mapping of the blocks of our `transformer` below `prefix`. */
export function blocksMapping(
  prefix: string,
  layers: number,
  names: (layer: number) => BlockNames,
): WeightMapping {
  const mapping: Record<string, WeightOrigin> = {};
  for (let layer = 0; layer < layers; layer++) {
    const { qkv, ...others } = names(layer);
    const at = `${prefix}.blocks.${layer}`;
    for (const [part, theirs] of Object.entries(others)) {
      Object.assign(mapping, layerMapping(`${at}.${part}`, theirs));
    }
    const fused = fusedMapping(`${at}.qkv`, qkv);
    Object.assign(mapping, fused);
  }
  return mapping;
}

function fusedMapping(ours: string, qkv: BlockNames['qkv']): WeightMapping {
  if (typeof qkv === 'string') return layerMapping(ours, qkv);
  if ('weight' in qkv) return { [`${ours}.weight`]: qkv.weight, [`${ours}.bias`]: qkv.bias };
  return joinedMapping(ours, qkv);
}

/** Several linear layers joined into one. */
export const joinedMapping = (ours: string, theirs: readonly string[]): WeightMapping => ({
  [`${ours}.weight`]: theirs.map((name) => `${name}.weight`),
  [`${ours}.bias`]: theirs.map((name) => `${name}.bias`),
});

/** Adds the class embedding to its position, once, instead of at every run: both are constants there.
 *  Replaces `<prefix>.class` and `<prefix>.positions` by positions that hold both. */
export function foldClassToken(weights: Map<string, Parameter>, prefix: string): void {
  const token = weights.get(`${prefix}.class`);
  const positions = weights.get(`${prefix}.positions`);
  if (!token || !positions) return;
  const width = positions.shape.at(-1) ?? 0;
  const data = positions.data.slice();
  for (let i = 0; i < width; i++) data[i] = Math.fround((data[i] ?? 0) + (token.data[i] ?? 0));
  weights.delete(`${prefix}.class`);
  // ALBEF and the original BLIP keep a leading axis of 1.
  weights.set(`${prefix}.positions`, { shape: positions.shape.slice(-2), data });
}
