import { narrowed, within } from '../../platform/auth/within.js';
import type { FacetCount, KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError } from '../../platform/errors.js';
import { checkFilter, type ImageFilter, type ImageState } from './filter.js';
import type { Facet, ImageScope } from './filter-sql.js';
import type { Image, ImageRepository, NearDuplicate } from './repository.js';
import { checkSelection, type SelectionInput } from './selection.js';
import type { DatasetStatistics, StatisticsRepository } from './statistics-repository.js';

type Filter = ImageFilter | null | undefined;

/** Every method that takes a filter throws {ValidationError} for one that cannot be meant. */
export interface ImageService {
  byIds(ids: readonly string[]): Promise<Image[]>;
  pageOfDataset(datasetId: string, filter: Filter, page: KeysetPage): Promise<Image[]>;
  countOfDataset(datasetId: string, filter: Filter): Promise<number>;
  /** @throws {NotFoundError} without the dataset. */
  countSelection(selection: SelectionInput): Promise<number>;
  /** Counts under the other conditions of the filter: what ticking a value would give. */
  facet(datasetId: string, filter: Filter, facet: Facet): Promise<FacetCount[]>;
  /** Counts under all conditions of the filter. */
  values(datasetId: string, filter: Filter, facet: Facet): Promise<FacetCount[]>;
  statistics(datasetId: string, filter: Filter): Promise<DatasetStatistics>;
  states(ids: readonly string[]): Promise<Map<string, ImageState>>;
  nearDuplicates(ids: readonly string[]): Promise<NearDuplicate[]>;
}

export interface ImageServiceParts {
  readonly images: ImageRepository;
  readonly statistics: StatisticsRepository;
  hasDataset(id: string): Promise<boolean>;
  /** The live embedding space, or null while there is none. */
  spaceId(): number | null;
}

export function createImageService(parts: ImageServiceParts): ImageService {
  const { images, statistics, spaceId } = parts;
  const scopeOf = (datasetId: string, filter: Filter): ImageScope => ({
    datasetId,
    spaceId: spaceId(),
    filter: checkFilter(filter),
  });
  return {
    byIds: (ids) => images.byIds(ids.filter(isUuid)),
    pageOfDataset: async (datasetId, filter, page) => images.page(scopeOf(datasetId, filter), page),
    countOfDataset: async (datasetId, filter) => images.count(scopeOf(datasetId, filter)),
    async countSelection(input) {
      const selection = checkSelection(input);
      if (!(await parts.hasDataset(input.datasetId))) throw new NotFoundError('There is no such dataset.');
      return images.countSelection(selection, spaceId());
    },
    facet: async (datasetId, filter, facet) => images.facet(scopeOf(datasetId, filter), facet, false),
    values: async (datasetId, filter, facet) => images.facet(scopeOf(datasetId, filter), facet, true),
    statistics: async (datasetId, filter) => statistics.read(scopeOf(datasetId, filter)),
    states: (ids) => images.states(ids, spaceId()),
    nearDuplicates: (ids) => images.nearDuplicates(ids),
  };
}

/** The service for a caller who may see some datasets alone. */
export const imagesWithin = (all: ImageService, own: ReadonlySet<string>): ImageService => ({
  ...all,
  byIds: async (ids) => within(await all.byIds(ids), own),
  async countSelection(selection) {
    narrowed(selection.datasetId, own);
    return all.countSelection(selection);
  },
});
