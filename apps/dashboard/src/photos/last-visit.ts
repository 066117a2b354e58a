import { filterKey, type PhotoFilter } from './photo-filter';

/** Where in each list the keyboard was last, so that coming back from a photo does not start from the top. */
const places = new Map<string, Place>();

type Place = { readonly index: number; readonly seenIn: 'grid' | 'photo' };

const keyOf = (datasetId: string, filter: PhotoFilter) => `${datasetId} ${filterKey(filter)}`;

export const placeOfLastVisit = (datasetId: string, filter: PhotoFilter): number =>
  places.get(keyOf(datasetId, filter))?.index ?? 0;

/** Whether the photo at that place was open last, so that the list is come back to. */
export const wasPhotoOpen = (datasetId: string, filter: PhotoFilter): boolean =>
  places.get(keyOf(datasetId, filter))?.seenIn === 'photo';

export function rememberPlace(datasetId: string, filter: PhotoFilter, place: Place): void {
  places.set(keyOf(datasetId, filter), place);
}
