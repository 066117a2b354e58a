import type { EmbeddingModel } from '@freestyle/core';
import { UnavailableError } from '../../platform/errors.js';
import type { ModelRepository } from './repository.js';

/** The model that answers searches, with the number of its embedding space. */
export interface LiveModel {
  readonly model: EmbeddingModel;
  readonly spaceId: number;
}

export interface ModelService {
  /** Null while the model loads. */
  live(): LiveModel | null;
  /** @throws {UnavailableError} while the model loads, or if it could not be loaded. */
  require(): LiveModel;
  /** Settles when the model is ready; rejects if it cannot be loaded. */
  readonly ready: Promise<LiveModel>;
  close(): Promise<void>;
}

export function createModelService(
  repository: ModelRepository,
  loading: EmbeddingModel | Promise<EmbeddingModel>,
): ModelService {
  let current: LiveModel | null = null;
  let failure: unknown = null;
  const ready = goLive(repository, loading).then(
    (live) => {
      current = live;
      return live;
    },
    (error: unknown) => {
      failure = error;
      throw error;
    },
  );
  // Whoever needs the model awaits it; nobody awaiting it is no fault.
  ready.catch(() => {});
  return {
    live: () => current,
    require() {
      if (current !== null) return current;
      if (failure === null) throw new UnavailableError('The model is still loading; try again in a moment.');
      const reason = failure instanceof Error ? failure.message : String(failure);
      throw new UnavailableError(`The model could not be loaded: ${reason}`, failure);
    },
    ready,
    close: () =>
      ready.then(
        ({ model }) => model.close(),
        () => {},
      ),
  };
}

async function goLive(
  repository: ModelRepository,
  loading: EmbeddingModel | Promise<EmbeddingModel>,
): Promise<LiveModel> {
  const model = await loading;
  const { name: modelName, spaceHash, dimensions } = model;
  const space = await repository.ensureSpace({ spaceHash, modelName, dimensions });
  if (space.dimensions !== dimensions) {
    throw new Error(
      `The model ${modelName} says ${dimensions} dimensions, its space ${spaceHash} has ${space.dimensions}.`,
    );
  }
  return { model, spaceId: space.id };
}
