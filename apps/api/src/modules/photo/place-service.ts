import { isUuid } from '../../platform/database/uuid.js';
import { checkFilter, type ImageFilter } from './filter.js';
import type { ImagePlace, PlaceRepository } from './place-repository.js';

type Filter = ImageFilter | null | undefined;

/** Every method throws {ValidationError} for a filter that cannot be meant. */
export interface PlaceService {
  /** The key after which the photo at `index` (from 0) comes: null for the first, undefined behind the last. */
  keyBefore(datasetId: string, filter: Filter, index: number): Promise<string | null | undefined>;
  placeOf(datasetId: string, filter: Filter, imageId: string): Promise<ImagePlace | null>;
}

/** @param spaceId the live embedding space, or null while there is none. */
export function createPlaceService(places: PlaceRepository, spaceId: () => number | null): PlaceService {
  const scopeOf = (datasetId: string, filter: Filter) => ({
    datasetId,
    spaceId: spaceId(),
    filter: checkFilter(filter),
  });
  return {
    async keyBefore(datasetId, filter, index) {
      if (index === 0) return null;
      return (await places.idAt(scopeOf(datasetId, filter), index - 1)) ?? undefined;
    },
    placeOf: async (datasetId, filter, imageId) =>
      isUuid(imageId) ? places.placeOf(scopeOf(datasetId, filter), imageId) : null,
  };
}
