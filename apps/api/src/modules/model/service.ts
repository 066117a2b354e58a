import type { EmbeddingModel } from '@freestyle/core';
import type { Logger } from 'pino';
import { ConflictError, NotFoundError, UnavailableError } from '../../platform/errors.js';
import { type ModelPlace, placeOf } from './model-place.js';
import type { RegistryFolder } from './registry-folder.js';
import type { Answering, ModelRepository, RegisteredModel } from './repository.js';
import { type StartedModel, startedModels } from './started-model.js';

/** A model that runs, with the number of its embedding space and its place in the registry. */
export interface LiveModel {
  readonly model: EmbeddingModel;
  readonly spaceId: number;
  readonly modelId: string;
}

export interface ModelService {
  /** The one that answers searches; null while it loads. */
  live(): LiveModel | null;
  /** @throws {UnavailableError} while the model loads, or if it could not be loaded. */
  require(): LiveModel;
  /** Settles when a model is ready; rejects if none can be loaded. */
  readonly ready: Promise<LiveModel>;
  /** The one that answers now, once there is one. */
  current(): Promise<LiveModel>;
  /** The one that answers and those that did a moment ago: a search goes on with the model that it began with. */
  recent(): readonly LiveModel[];
  /** Where a registered model is. @throws {NotFoundError} @throws {ConflictError} for one that cannot be opened. */
  place(model: RegisteredModel): Promise<ModelPlace>;
  /** Opens a registered model beside the one that answers, and keeps it open for some minutes.
   *  @throws {NotFoundError} @throws {ConflictError} for one that cannot be opened. */
  prepare(modelId: string): Promise<LiveModel>;
  /** Opens a model for work of its own, with fewer threads; whoever asks closes it. */
  openBeside(modelId: string, threads: number): Promise<LiveModel>;
  /** Lets a prepared model answer from now on. Searches under way go on with the one before. */
  swap(next: LiveModel): void;
  /** Takes over what another process made live. */
  follow(): Promise<void>;
  close(): Promise<void>;
}

export interface ModelServiceParts {
  readonly repository: ModelRepository;
  readonly folder: RegistryFolder;
  readonly started: StartedModel;
  /** @param threads of its sessions; as many as there are unless given. */
  open(place: ModelPlace, provider: EmbeddingModel['provider'], threads?: number): Promise<EmbeddingModel>;
  readonly log: Logger;
}

/** How long a model stays open after it answered: the longest search, and a rollback at once. */
const KEPT_MS = 10 * 60_000;

interface Kept {
  readonly live: LiveModel;
  timer: NodeJS.Timeout | null;
}

export function createModelService(parts: ModelServiceParts): ModelService {
  const { repository, log } = parts;
  const kept = new Map<string, Kept>();
  let current: LiveModel | null = null;
  let failure: unknown = null;
  let closed = false;

  const drop = async (id: string) => {
    const one = kept.get(id);
    if (one === undefined) return;
    kept.delete(id);
    if (one.timer !== null) clearTimeout(one.timer);
    await one.live.model.close();
  };
  /** Keeps a model open for a while, or for as long as it answers. */
  const keep = (live: LiveModel) => {
    const before = kept.get(live.modelId);
    if (before?.timer) clearTimeout(before.timer);
    const isLive = current?.modelId === live.modelId;
    const timer = isLive ? null : setTimeout(() => void drop(live.modelId).catch(() => {}), KEPT_MS);
    timer?.unref();
    kept.set(live.modelId, { live, timer });
  };
  const swap = (next: LiveModel) => {
    const before = current;
    current = next;
    failure = null;
    keep(next);
    if (before !== null && before.modelId !== next.modelId) keep(before);
  };
  const opening = new Map<string, Promise<LiveModel>>();
  const prepare = async (modelId: string): Promise<LiveModel> => {
    const known = kept.get(modelId);
    if (known !== undefined) {
      keep(known.live);
      return known.live;
    }
    const going =
      opening.get(modelId) ??
      openRegistered(parts, modelId, provider()).finally(() => opening.delete(modelId));
    opening.set(modelId, going);
    const live = await going;
    if (closed) await live.model.close();
    else if (!kept.has(modelId)) keep(live);
    return live;
  };
  const provider = () => current?.model.provider ?? 'cpu';

  const begin = async (): Promise<LiveModel> => {
    const started = await registerStarted(parts);
    keep(started);
    const wanted = await repository.answering();
    const chosen = wanted !== null && mayStay(wanted, parts.started) ? wanted.model : null;
    if (chosen === null) {
      if (wanted?.model.id !== started.modelId) await startWith(repository, started);
      return started;
    }
    try {
      const live = chosen.id === started.modelId ? started : await prepare(chosen.id);
      if (chosen.trouble !== null) await repository.setTrouble(chosen.id, null);
      return live;
    } catch (error) {
      // A gallery that can be searched by the usual model is better than none; the page of models tells it.
      log.error(
        { err: error, model: chosen.name },
        'the promoted model cannot be opened; the usual one answers',
      );
      await repository.setTrouble(chosen.id, error instanceof Error ? error.message : String(error));
      return started;
    }
  };
  const ready = begin().then(
    (live) => {
      swap(live);
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
    current: async () => current ?? (await ready),
    recent: () => [
      ...(current === null ? [] : [current]),
      ...[...kept.values()].map(({ live }) => live).filter(({ modelId }) => modelId !== current?.modelId),
    ],
    place: (model) => requirePlace(parts, model),
    prepare,
    openBeside: (modelId, threads) => openRegistered(parts, modelId, provider(), threads),
    swap,
    async follow() {
      const wanted = await repository.answering();
      if (wanted === null || current === null || wanted.model.id === current.modelId) return;
      if (wanted.model.trouble !== null) return;
      swap(await prepare(wanted.model.id));
    },
    async close() {
      closed = true;
      await ready.catch(() => {});
      await Promise.all([...kept.keys()].map((id) => drop(id)));
    },
  };
}

/** Whether what answered last goes on doing so: what a person promoted does, unless another was named at the start. */
const mayStay = ({ model, isChosen }: Answering, { isGiven }: StartedModel): boolean =>
  isChosen && !isGiven && (model.format !== 'named' || model.trouble === null);

async function registerStarted({ repository, started }: ModelServiceParts): Promise<LiveModel> {
  const model = await started.model;
  const { name: modelName, spaceHash, dimensions } = model;
  const space = await repository.ensureSpace({ spaceHash, modelName, dimensions });
  if (space.dimensions !== dimensions) {
    throw new Error(
      `The model ${modelName} says ${dimensions} dimensions, its space ${spaceHash} has ${space.dimensions}.`,
    );
  }
  const wanted = await startedModels(model, started.name);
  const rows: RegisteredModel[] = [];
  for (const one of wanted) rows.push(await repository.register(one));
  await repository.retire(
    started.name,
    wanted.map(({ contentHash }) => contentHash),
    'An earlier start of the server brought it; this one came with another.',
  );
  const own = rows.find(({ contentHash }) => contentHash === model.queryHash) ?? rows[0];
  if (own === undefined) throw new Error('the model that the server was started with was not registered');
  return { model, spaceId: space.id, modelId: own.id };
}

async function startWith(repository: ModelRepository, { spaceId, modelId }: LiveModel): Promise<void> {
  const [row] = await repository.byIds([modelId]);
  if (row) await repository.answerWith(spaceId, row, { kind: 'START' }, false);
}

async function requirePlace(
  { repository, folder }: ModelServiceParts,
  model: RegisteredModel,
): Promise<ModelPlace> {
  const backbone = await repository.byHash('BACKBONE', model.spaceHash);
  const place = placeOf(model, backbone, folder);
  if (place !== null) return place;
  throw new ConflictError(
    backbone === null
      ? `${model.name} was trained beside a backbone (${model.spaceHash.slice(0, 12)}) that is not here: add it first.`
      : `${model.name} was made by the program that started the server, and cannot be opened by its name.`,
  );
}

async function openRegistered(
  parts: ModelServiceParts,
  modelId: string,
  provider: EmbeddingModel['provider'],
  threads?: number,
): Promise<LiveModel> {
  const { repository } = parts;
  const [row] = await repository.byIds([modelId]);
  if (row === undefined) throw new NotFoundError('There is no such model.');
  const place = await requirePlace(parts, row);
  const opened = await parts.open(place, provider, threads);
  if (opened.spaceHash !== row.spaceHash || opened.queryHash !== row.contentHash) {
    await opened.close();
    throw new ConflictError(
      `${row.name} is another model on disk than was registered (${opened.queryHash.slice(0, 12)}, expected ${row.contentHash.slice(0, 12)}): remove it and add it again.`,
    );
  }
  const { spaceHash, dimensions } = row;
  const space = await repository.ensureSpace({ spaceHash, modelName: row.name, dimensions });
  return { model: { ...opened, name: row.name }, spaceId: space.id, modelId };
}
