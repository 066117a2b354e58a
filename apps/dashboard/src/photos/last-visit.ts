import { filterKey, type PhotoFilter } from './photo-filter';

/** Where in each list the keyboard was last, so that coming back from a photo does not start from the top. */
const places = new Map<string, number>();

const keyOf = (datasetId: string, filter: PhotoFilter) => `${datasetId} ${filterKey(filter)}`;

export const placeOfLastVisit = (datasetId: string, filter: PhotoFilter): number =>
  places.get(keyOf(datasetId, filter)) ?? 0;

export function rememberPlace(datasetId: string, filter: PhotoFilter, index: number): void {
  places.set(keyOf(datasetId, filter), index);
}
