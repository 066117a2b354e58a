import type { HubOptions } from '@freestyle/core';
import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { type ModelPlace, placeOf } from './model-place.js';
import { folderBytes, type RegistryFolder } from './registry-folder.js';
import type { ModelKind, ModelRepository, NewModel, Promotion, RegisteredModel } from './repository.js';
import type { ModelService } from './service.js';

/** A registered model and how it is opened. */
export interface PlacedModel {
  readonly model: RegisteredModel;
  readonly place: ModelPlace;
}

export interface ModelRegistry {
  /** Where models come from that are not there yet. */
  readonly hub: HubOptions;
  byIds(ids: readonly string[]): Promise<RegisteredModel[]>;
  page(kind: ModelKind | null, page: KeysetPage): Promise<RegisteredModel[]>;
  count(kind: ModelKind | null): Promise<number>;
  /** The backbone of a space; null where it is not here. */
  backbone(spaceHash: string): Promise<RegisteredModel | null>;
  /** What came of a training; null where nothing did. */
  ofRun(runId: string): Promise<RegisteredModel | null>;
  /** Those that can be opened, newest first. */
  usable(): Promise<PlacedModel[]>;
  /** Puts a finished bundle into the registry and moves its files there. */
  adopt(staged: string, model: NewModel): Promise<RegisteredModel>;
  /** @throws {NotFoundError} @throws {ValidationError} */
  rename(id: string, name: string): Promise<RegisteredModel>;
  /** @returns how many bytes that freed. @throws {NotFoundError} @throws {ConflictError} while something needs it. */
  delete(id: string): Promise<number>;
  promotions(limit: number, modelId: string | null): Promise<Promotion[]>;
}

export interface ModelRegistryParts {
  readonly repository: ModelRepository;
  readonly folder: RegistryFolder;
  readonly models: ModelService;
  readonly hub: HubOptions;
}

const MAX_NAME = 120;

export function createModelRegistry(parts: ModelRegistryParts): ModelRegistry {
  const { repository, folder } = parts;
  return {
    hub: parts.hub,
    byIds: (ids) => repository.byIds(ids.filter(isUuid)),
    page: (kind, page) => repository.page(kind, page),
    count: (kind) => repository.count(kind),
    backbone: (spaceHash) => repository.byHash('BACKBONE', spaceHash),
    ofRun: (runId) => repository.ofRun(runId),
    async usable() {
      const all = await repository.all();
      const backbones = new Map(
        all.filter(({ kind }) => kind === 'BACKBONE').map((one) => [one.spaceHash, one]),
      );
      return all.flatMap((model) => {
        const place = placeOf(model, backbones.get(model.spaceHash) ?? null, folder);
        return place === null || model.trouble !== null ? [] : [{ model, place }];
      });
    },
    async adopt(staged, model) {
      const byteSize = await folderBytes(staged);
      await folder.adopt(staged, model.contentHash);
      return repository.register({ ...model, byteSize });
    },
    async rename(id, wanted) {
      const name = wanted.trim();
      if (name === '' || name.length > MAX_NAME)
        throw ValidationError.at(['name'], `expected 1 to ${MAX_NAME} characters, got ${name.length}`);
      const model = await required(repository, id);
      if (model.format === 'named')
        throw new ConflictError(`${model.name} comes with the product and keeps its name.`);
      return repository.rename(model.id, name);
    },
    delete: (id) => deleteModel(parts, id),
    promotions: (limit, modelId) => repository.promotions(limit, modelId),
  };
}

async function required(repository: ModelRepository, id: string): Promise<RegisteredModel> {
  const [model] = isUuid(id) ? await repository.byIds([id]) : [];
  if (model === undefined) throw new NotFoundError('There is no such model.');
  return model;
}

async function deleteModel({ repository, folder, models }: ModelRegistryParts, id: string): Promise<number> {
  const model = await required(repository, id);
  const pointers = await repository.pointers();
  const pointed = pointers.find(({ modelId }) => modelId === id);
  if (pointed?.answers) throw new ConflictError(`${model.name} answers searches now: promote another first.`);
  if (pointed)
    throw new ConflictError(
      `${model.name} stands for the embedding space of ${pointed.space.modelName}: delete that space first.`,
    );
  if (model.format === 'named' && model.trouble === null)
    throw new ConflictError(`${model.name} comes with the product and stays.`);
  if (model.kind === 'BACKBONE') {
    const above = (await repository.all()).filter(
      (one) => one.kind === 'QUERY_ENCODER' && one.spaceHash === model.spaceHash,
    );
    if (above.length > 0)
      throw new ConflictError(
        `${above.length} query encoders stand on ${model.name} (${above.map(({ name }) => name).join(', ')}): delete them first.`,
      );
  }
  if (models.live()?.modelId === id) throw new ConflictError(`${model.name} answers searches now.`);
  if (!(await repository.delete(id)))
    throw new ConflictError(`Trainings were made on ${model.name}: delete those runs first.`);
  if (model.format === 'named') return 0;
  await folder.remove(model.contentHash);
  return Number(model.byteSize);
}
