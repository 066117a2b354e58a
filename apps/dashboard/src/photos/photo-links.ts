import { filterKey, type PhotoFilter } from './photo-filter';

const withFilter = (path: string, filter: PhotoFilter) => {
  const params = filterKey(filter);
  return params ? `${path}?${params}` : path;
};

/** The photos of a dataset behind a filter. */
export const photosHref = (datasetId: string, filter: PhotoFilter) =>
  withFilter(`/datasets/${encodeURIComponent(datasetId)}`, filter);

/** A photo's page, which remembers the filter that it was reached from. */
export const photoHref = (datasetId: string, photoId: string, filter: PhotoFilter) =>
  withFilter(`/datasets/${encodeURIComponent(datasetId)}/photos/${encodeURIComponent(photoId)}`, filter);

/** The labelling mode for the photos behind a filter. */
export const labellingHref = (datasetId: string, filter: PhotoFilter) =>
  withFilter(`/datasets/${encodeURIComponent(datasetId)}/label`, filter);
