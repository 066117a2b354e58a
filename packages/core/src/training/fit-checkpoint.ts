import { existsSync } from 'node:fs';
import type { Parameter, ParameterMap } from '../nn/parameters.js';
import type { AdamWState } from './adamw.js';
import {
  CheckpointError,
  loadCheckpoint,
  OtherRunError,
  restoreParameters,
  saveCheckpoint,
} from './checkpoint.js';
import type { FitRecord } from './fit-record.js';
import { parseSettings, type RunSettings, settingsDifference } from './run-settings.js';

/** The weights that are kept so far, and what they were measured at. */
export interface BestWeights {
  readonly step: number;
  readonly score: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** All that a training needs to go on after a step, beside the learned weights themselves. */
export interface FitState {
  step: number;
  moments: AdamWState;
  average: ReadonlyMap<string, Float32Array> | null;
  best: BestWeights | null;
  /** Validations since the best one. */
  sinceBest: number;
  /** Sum and number of the losses since the last record. */
  losses: { sum: number; count: number };
  history: FitRecord[];
  /** Why no further step follows; null while some do. */
  stopped: 'finished' | 'patience' | null;
}

/** Which training a checkpoint belongs to. */
export interface FitIdentity {
  /** All that decides the weights, under the names that a refusal tells. */
  readonly settings: RunSettings;
  /** The data by content, so that folders may move; empty where no version of it is known. */
  readonly data: string;
}

const AVERAGE = 'average/';
const BEST = 'best/';

export const freshState = (): FitState => ({
  step: 0,
  moments: { first: new Map(), second: new Map(), step: 0 },
  average: null,
  best: null,
  sinceBest: 0,
  losses: { sum: 0, count: 0 },
  history: [],
  stopped: null,
});

/** Writes the state and the learned weights in one move: killed at any point, the old file or the new one is there. */
export async function saveFit(
  path: string,
  learned: ParameterMap,
  state: FitState,
  { settings, data }: FitIdentity,
): Promise<void> {
  const copies = (prefix: string, arrays: ReadonlyMap<string, Float32Array> | null | undefined) =>
    [...(arrays ?? [])].map(([name, array]): [string, Parameter] => [
      prefix + name,
      { shape: learned.get(name)?.shape ?? [array.length], data: array },
    ]);
  const { step, best, sinceBest, losses, history, stopped } = state;
  await saveCheckpoint(path, {
    parameters: new Map([...learned, ...copies(AVERAGE, state.average), ...copies(BEST, best?.weights)]),
    // No step follows a training that is over, so its moments go.
    state:
      stopped === null ? state.moments : { first: new Map(), second: new Map(), step: state.moments.step },
    meta: {
      step,
      ...(best ? { best: { step: best.step, score: best.score } } : {}),
      ...{ sinceBest, losses, history, stopped },
      ...{ settings: JSON.stringify(settings), data },
    },
  });
}

/** Reads what {@link saveFit} wrote, its weights into `learned`; null where there is no file.
 *  @throws {OtherRunError} for the checkpoint of another training. @throws {CheckpointError} for a damaged file. */
export async function readFit(
  path: string,
  learned: ParameterMap,
  own: FitIdentity,
): Promise<FitState | null> {
  if (!existsSync(path)) return null;
  const { parameters, state: moments, meta } = await readWhole(path);
  requireOwn(path, meta, own);
  const part = (prefix: string) =>
    new Map(
      [...parameters].flatMap(([name, { data }]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
      ),
    );
  const [average, kept] = [part(AVERAGE), part(BEST)];
  const weights = new Map(
    [...parameters].filter(([name]) => !name.startsWith(AVERAGE) && !name.startsWith(BEST)),
  );
  const missing = [...learned.keys()].find((name) => !weights.has(name));
  if (missing !== undefined) throw new CheckpointError(path, `it lacks the weight "${missing}"`);
  restoreParameters(path, weights, learned);
  const noted = meta as unknown as Pick<FitState, 'step' | 'sinceBest' | 'losses' | 'history' | 'stopped'> & {
    readonly best?: { readonly step: number; readonly score: number };
  };
  return {
    step: noted.step,
    moments,
    average: average.size > 0 ? average : null,
    best: noted.best ? { ...noted.best, weights: kept } : null,
    sinceBest: noted.sinceBest,
    losses: { ...noted.losses },
    history: [...noted.history],
    stopped: noted.stopped,
  };
}

/** Refuses, before any work is done, a training that could not go on from the file that is there.
 *  @throws {OtherRunError} @throws {CheckpointError} as {@link readFit} does. */
export async function requireOwnCheckpoint(path: string, own: FitIdentity): Promise<void> {
  if (existsSync(path)) requireOwn(path, (await readWhole(path)).meta, own);
}

/** A file that cannot be read is told by name, whatever is wrong with it. */
const readWhole = (path: string) =>
  loadCheckpoint(path).catch((cause: unknown) => {
    if (cause instanceof CheckpointError) throw cause;
    const why = cause instanceof Error ? cause.message : cause;
    throw new CheckpointError(path, `it cannot be read (${why})`, cause);
  });

/** The one rule by which kept work is recognised as a training's own. */
function requireOwn(path: string, meta: Readonly<Record<string, unknown>>, own: FitIdentity): void {
  const kept = parseSettings(String(meta.settings ?? '{}')) ?? {};
  const difference = settingsDifference(kept, own.settings);
  if (difference !== null) throw new OtherRunError(path, difference);
  // Trainings whose data lay in no folder name none.
  if (meta.data && own.data && meta.data !== own.data) {
    const problem = `it belongs to a run on other data (version ${meta.data}), the folders now hold ${own.data}`;
    throw new CheckpointError(path, problem);
  }
  if (!Number.isSafeInteger(meta.step) || !Array.isArray(meta.history))
    throw new CheckpointError(path, 'it does not say how far its training was');
}
