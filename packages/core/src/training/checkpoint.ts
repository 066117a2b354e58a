import { CoreError } from '../errors.js';
import type { Parameter, ParameterMap } from '../nn/parameters.js';
import { readSafetensors } from '../weights/read-safetensors.js';
import { NonFiniteWeightsError } from '../weights/weights-error.js';
import { type TensorToWrite, writeSafetensors } from '../weights/write-safetensors.js';
import type { AdamWState } from './adamw.js';

/** Everything that plain JSON keeps: random states, epochs, best scores. Numbers come back with all their bits. */
export type CheckpointMeta = Readonly<Record<string, unknown>>;

export interface Checkpoint {
  /** The weights that learn (frozen ones may be left out). */
  readonly parameters: ParameterMap;
  readonly state: AdamWState;
  readonly meta: CheckpointMeta;
}

export interface LoadedCheckpoint extends Checkpoint {
  readonly parameters: Map<string, Parameter>;
}

/** A file is not a checkpoint, or one of another kind than this version writes. */
export class CheckpointError extends CoreError {
  constructor(path: string, problem: string, cause?: unknown, remedy = 'start again or use an older file') {
    super('CHECKPOINT_INVALID', `checkpoint ${path}: ${problem}; ${remedy}`, { path }, cause);
  }
}

/** Kept work belongs to a run with other settings than the one that would go on from it. */
export class OtherRunError extends CheckpointError {
  /** @param difference see `settingsDifference`. */
  constructor(path: string, difference: string) {
    const remedy = 'give this run another work folder, or remove that one to start again';
    super(path, `it belongs to a run with other settings (${difference})`, undefined, remedy);
  }
}

const FORMAT = 'freestyle-checkpoint-1';
const PARAMETER = 'parameter/';
const FIRST = 'adamw.first/';
const SECOND = 'adamw.second/';

/** Writes a checkpoint as one safetensors file, all float32, so that a run that goes on from it ends with the very
 *  bits of one that was never stopped. The file is replaced in one move: killed at any point, the old one or the
 *  new one is there, whole.
 *  @throws {NonFiniteWeightsError} if a number is NaN or infinite; an earlier file then stays as it was. */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { parameters, state, meta } = checkpoint;
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, { shape, data }] of parameters) {
    const first = state.first.get(name);
    const second = state.second.get(name);
    if (!first !== !second) throw new CheckpointError(path, `"${name}" has one of its two moments`);
    tensors.set(PARAMETER + name, { shape, data });
    if (first) tensors.set(FIRST + name, { shape, data: first });
    if (second) tensors.set(SECOND + name, { shape, data: second });
  }
  for (const [name, { data }] of tensors) {
    const index = data instanceof Float32Array ? data.findIndex((value) => !Number.isFinite(value)) : -1;
    if (index >= 0) throw new NonFiniteWeightsError(path, name, index, Number(data[index]));
  }
  await writeSafetensors(path, tensors, {
    format: FORMAT,
    step: String(state.step),
    meta: JSON.stringify(meta),
  });
}

/** Reads what {@link saveCheckpoint} wrote.
 *  @throws {CheckpointError} for another kind of file. @throws {WeightsFormatError} for an absent or broken one. */
export async function loadCheckpoint(path: string): Promise<LoadedCheckpoint> {
  const file = await readSafetensors(path);
  try {
    const { step, meta } = parseMetadata(path, file.metadata);
    const parameters = new Map<string, Parameter>();
    const first = new Map<string, Float32Array>();
    const second = new Map<string, Float32Array>();
    for (const stored of file.names()) {
      const data = await file.float32(stored);
      if (stored.startsWith(PARAMETER)) {
        parameters.set(stored.slice(PARAMETER.length), { shape: file.info(stored).shape, data });
      } else if (stored.startsWith(FIRST)) first.set(stored.slice(FIRST.length), data);
      else if (stored.startsWith(SECOND)) second.set(stored.slice(SECOND.length), data);
      else throw new CheckpointError(path, `it holds a tensor "${stored}" of no known kind`);
    }
    return { parameters, state: { first, second, step }, meta };
  } finally {
    await file.close();
  }
}

function parseMetadata(
  path: string,
  metadata: Readonly<Record<string, string>>,
): { step: number; meta: CheckpointMeta } {
  if (metadata.format !== FORMAT) {
    throw new CheckpointError(path, `expected the format ${FORMAT}, got ${metadata.format ?? 'none'}`);
  }
  const step = Number(metadata.step);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CheckpointError(path, `expected a step number, got "${metadata.step}"`);
  }
  try {
    return { step, meta: JSON.parse(metadata.meta ?? '{}') as CheckpointMeta };
  } catch (cause) {
    throw new CheckpointError(path, 'its metadata is not JSON', cause);
  }
}

/** Copies a checkpoint's weights over those of a model, in place.
 *  @throws {CheckpointError} if the model has no such weight, or one of another shape. */
export function restoreParameters(path: string, from: ParameterMap, into: ParameterMap): void {
  for (const [name, { shape, data }] of from) {
    const target = into.get(name);
    if (!target) throw new CheckpointError(path, `the model has no weight "${name}"`);
    if (target.shape.join() !== shape.join()) {
      throw new CheckpointError(
        path,
        `"${name}" is [${shape.join(', ')}], the model's is [${target.shape.join(', ')}]`,
      );
    }
    target.data.set(data);
  }
}
