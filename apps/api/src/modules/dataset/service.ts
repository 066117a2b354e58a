import { refuseNewDataset } from '../../platform/auth/within.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError } from '../../platform/errors.js';
import type { LiveModel } from '../model/service.js';
import type { Dataset, DatasetCounts, DatasetRepository } from './repository.js';

export interface FolderDataset {
  readonly sourcePath: string;
  /** What the dataset shall be called, or null to name it after the folder. */
  readonly name: string | null;
  readonly fallbackName: string;
  readonly description: string | null;
}

export interface DatasetService {
  byIds(ids: readonly string[]): Promise<Dataset[]>;
  page(page: KeysetPage, only?: readonly string[]): Promise<Dataset[]>;
  count(): Promise<number>;
  counts(ids: readonly string[]): Promise<Map<string, DatasetCounts>>;
  /** The dataset of a folder: the one made before, or a new one.
   *  @throws {ConflictError} if the wanted name belongs to another folder. */
  forFolder(wanted: FolderDataset): Promise<Dataset>;
  /** A new dataset that belongs to no folder. Null if the name is taken. */
  create(wanted: { readonly name: string; readonly description: string | null }): Promise<Dataset | null>;
}

export function createDatasetService(
  repository: DatasetRepository,
  live: () => LiveModel | null,
): DatasetService {
  return {
    byIds: (ids) => repository.byIds(ids.filter(isUuid)),
    page: (page, only) => repository.page(page, only),
    count: () => repository.count(),
    counts: (ids) => repository.counts(ids, live()?.spaceId ?? null),
    forFolder: (wanted) => forFolder(repository, wanted),
    create: (wanted) => repository.create({ ...wanted, sourcePath: null }),
  };
}

async function forFolder(repository: DatasetRepository, wanted: FolderDataset): Promise<Dataset> {
  const { sourcePath, name, description } = wanted;
  if (name !== null) {
    const made = await repository.create({ name, description, sourcePath });
    const found = made ?? (await repository.byName(name));
    if (found?.sourcePath === sourcePath) return found;
    throw new ConflictError(
      `The name "${name}" belongs to a dataset from another folder; choose another name.`,
    );
  }
  const [known] = await repository.bySourcePath(sourcePath);
  if (known) return known;
  for (let n = 1; n < 1000; n++) {
    const candidate = n === 1 ? wanted.fallbackName : `${wanted.fallbackName} (${n})`;
    const made = await repository.create({ name: candidate, description, sourcePath });
    if (made !== null) return made;
    const other = await repository.byName(candidate);
    if (other?.sourcePath === sourcePath) return other;
  }
  throw new ConflictError(`A thousand datasets are called "${wanted.fallbackName}"; give this one a name.`);
}

/** The service for a caller who may see some datasets alone. */
export const datasetsWithin = (all: DatasetService, own: ReadonlySet<string>): DatasetService => ({
  byIds: (ids) => all.byIds(ids.filter((id) => own.has(id))),
  page: (page) => all.page(page, [...own]),
  count: async () => (await all.byIds([...own])).length,
  counts: (ids) => all.counts(ids.filter((id) => own.has(id))),
  forFolder: async () => refuseNewDataset(),
  create: async () => refuseNewDataset(),
});
