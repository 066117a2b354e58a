import { BY_ID } from '../../platform/database/paging.js';
import { ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { FacetCountRef } from '../../platform/graphql/facet-count.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { ImageFilter } from '../photo/filter.js';
import { filterOf, ImageFilterInput } from '../photo/filter-input.js';
import type { HistogramBin } from '../photo/histogram.js';
import { ImageRef } from '../photo/ref.js';
import type { DatasetStatistics } from '../photo/statistics-repository.js';
import { DatasetRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;

/** Photos of a dataset, to be counted in one way or another; each field asks for its own count. */
interface FilteredPhotos {
  readonly datasetId: string;
  readonly filter: ImageFilter | null | undefined;
}

builder.objectField(DatasetRef, 'images', (t) =>
  t.connection(
    {
      type: ImageRef,
      description: 'In the order in which they came in; without a filter, all that are not deleted.',
      args: {
        filter: t.arg({ type: ImageFilterInput, required: false }),
        offset: t.arg.int({
          description: 'Leaps over as many photos; not together with a cursor or `last`.',
        }),
      },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (dataset, { filter: shape, offset, ...args }, { services }) => {
        const filter = filterOf(shape);
        const leap = leapOf(offset, args);
        const page = await keysetConnection(args, BY_ID, async (keys) => {
          if (leap === 0) return services.images.pageOfDataset(dataset.id, filter, keys);
          const after = await services.places.keyBefore(dataset.id, filter, leap);
          return after === undefined
            ? []
            : services.images.pageOfDataset(dataset.id, filter, { ...keys, after });
        });
        const pageInfo = { ...page.pageInfo, hasPreviousPage: leap > 0 || page.pageInfo.hasPreviousPage };
        return { ...page, pageInfo, datasetId: dataset.id, filter };
      },
    },
    {
      name: 'DatasetImagesConnection',
      fields: (c) => ({
        totalCount: c.int({
          description: 'Photos behind the filter.',
          resolve: ({ datasetId, filter }, _args, { services }) =>
            services.images.countOfDataset(datasetId, filter),
        }),
      }),
    },
    { name: 'DatasetImagesEdge' },
  ),
);

/** How many photos to leap over. @throws {ValidationError} */
function leapOf(
  offset: number | null | undefined,
  { after, before, last }: { after?: unknown; before?: unknown; last?: unknown },
): number {
  if (offset === null || offset === undefined) return 0;
  const others = { after, before, last };
  const other = Object.entries(others).find(([, value]) => value !== null && value !== undefined);
  if (other) throw ValidationError.at(['offset'], `expected either offset or ${other[0]}, got both`);
  if (offset < 0) throw ValidationError.at(['offset'], `expected 0 or more, got ${offset}`);
  return offset;
}

const facetField = {
  type: [FacetCountRef] as [typeof FacetCountRef],
  complexity: { field: 50, multiplier: 1 },
};

const DatasetFacetsRef = builder.objectRef<FilteredPhotos>('DatasetFacets').implement({
  authScopes,
  description:
    'How many photos there are of each value, most frequent first. Each list is counted under the other ' +
    'conditions of the filter, and so says what ticking one of its values would give.',
  fields: (t) => ({
    splits: t.field({
      ...facetField,
      resolve: (at, _args, { services }) => services.images.facet(at.datasetId, at.filter, 'splits'),
    }),
    classes: t.field({
      ...facetField,
      resolve: (at, _args, { services }) => services.images.facet(at.datasetId, at.filter, 'classes'),
    }),
    tags: t.field({
      ...facetField,
      resolve: (at, _args, { services }) => services.images.facet(at.datasetId, at.filter, 'tags'),
    }),
    styles: t.field({
      ...facetField,
      description: 'Photos that have a query in the style; empty for those without any query.',
      resolve: (at, _args, { services }) => services.images.facet(at.datasetId, at.filter, 'styles'),
    }),
    states: t.field({
      ...facetField,
      description: 'Values of ImageState; deleted photos too.',
      resolve: (at, _args, { services }) => services.images.facet(at.datasetId, at.filter, 'states'),
    }),
  }),
});

builder.objectField(DatasetRef, 'facets', (t) =>
  t.field({
    type: DatasetFacetsRef,
    args: { filter: t.arg({ type: ImageFilterInput, required: false }) },
    resolve: ({ id }, { filter }) => ({ datasetId: id, filter: filterOf(filter) }),
  }),
);

const HistogramBinRef = builder.objectRef<HistogramBin>('HistogramBin').implement({
  authScopes,
  fields: (t) => ({
    from: t.exposeFloat('from', { description: 'Inclusive.' }),
    to: t.exposeFloat('to', { description: 'Exclusive.' }),
    count: t.exposeInt('count'),
  }),
});

const bins =
  'At most 22 bins without gaps, of one round width but for the outermost, which reach to the extremes.';

const DatasetStatisticsRef = builder
  .objectRef<FilteredPhotos & DatasetStatistics>('DatasetStatistics')
  .implement({
    authScopes,
    description: 'What the photos behind a filter are like.',
    fields: (t) => ({
      imageCount: t.exposeInt('imageCount'),
      captionCount: t.exposeInt('captionCount'),
      uncaptionedCount: t.exposeInt('uncaptionedCount', { description: 'Photos without a caption.' }),
      classes: t.field({
        ...facetField,
        resolve: (at, _args, { services }) => services.images.values(at.datasetId, at.filter, 'classes'),
      }),
      splits: t.field({
        ...facetField,
        resolve: (at, _args, { services }) => services.images.values(at.datasetId, at.filter, 'splits'),
      }),
      styles: t.field({
        ...facetField,
        description: 'Photos that have a query in the style; empty for those without any query.',
        resolve: (at, _args, { services }) => services.images.values(at.datasetId, at.filter, 'styles'),
      }),
      tags: t.field({
        ...facetField,
        resolve: (at, _args, { services }) => services.images.values(at.datasetId, at.filter, 'tags'),
      }),
      sides: t.field({
        type: [HistogramBinRef],
        description: `Photos by their longest edge in pixels. ${bins}`,
        resolve: ({ sides }) => [...sides],
      }),
      captionLengths: t.field({
        type: [HistogramBinRef],
        description: `Captions by their length in characters. ${bins}`,
        resolve: ({ captionLengths }) => [...captionLengths],
      }),
    }),
  });

builder.objectField(DatasetRef, 'statistics', (t) =>
  t.field({
    type: DatasetStatisticsRef,
    args: { filter: t.arg({ type: ImageFilterInput, required: false }) },
    complexity: { field: 50, multiplier: 1 },
    resolve: async ({ id }, { filter: shape }, { services }) => {
      const filter = filterOf(shape);
      return { ...(await services.images.statistics(id, filter)), datasetId: id, filter };
    },
  }),
);
