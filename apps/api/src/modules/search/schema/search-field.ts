import { NotFoundError } from '../../../platform/errors.js';
import { builder } from '../../../platform/graphql/builder.js';
import { DatasetRef } from '../../dataset/ref.js';
import { filterOf, ImageFilterInput } from '../../photo/filter-input.js';
import { ImageRef } from '../../photo/ref.js';
import { CollapseEnum, queryOf, SearchModeEnum, SearchOrderInput, SearchQueryInput } from './inputs.js';
import { SearchConnectionRef } from './outputs.js';

const authScopes = { role: 'VIEWER' } as const;

/** What it costs to encode one part. */
const ENCODER_COST = 300;

builder.queryField('search', (t) =>
  t.field({
    datasets: 'OWN',
    type: SearchConnectionRef,
    // So that one search that cannot be answered leaves the others of its document alone.
    nullable: true,
    authScopes,
    description:
      'Ranks the photos of some or all datasets. Pages of one search never repeat or skip a photo. Searches of one document share a batch of the encoder.',
    args: {
      query: t.arg({ type: SearchQueryInput, required: true, description: 'What is looked for.' }),
      datasets: t.arg.globalIDList({
        for: DatasetRef,
        description: 'Only photos of these; all if left out.',
      }),
      filter: t.arg({ type: ImageFilterInput, description: 'Only photos that meet it.' }),
      mode: t.arg({
        type: SearchModeEnum,
        defaultValue: 'HYBRID',
        description: 'By what texts find photos.',
      }),
      minRelevance: t.arg.float({
        description: 'Shows hits from this relevance on; the model’s own floor if left out.',
      }),
      showWeak: t.arg.boolean({ defaultValue: false, description: 'Shows what is below the floor too.' }),
      orderBy: t.arg({ type: SearchOrderInput, description: 'By relevance if left out.' }),
      collapse: t.arg({
        type: CollapseEnum,
        defaultValue: 'SAME_CONTENT',
        description: 'Which hits are told as one.',
      }),
      excludeSelf: t.arg.boolean({
        defaultValue: false,
        description: 'Leaves out photos that are parts of the query.',
      }),
      first: t.arg.int({ defaultValue: 24, description: 'Hits of a page, 0 to 100.' }),
      after: t.arg.string({ description: 'The cursor that the page comes after.' }),
    },
    complexity: ({ first, query }) => ({
      // An encoder's run takes about 30 ms, as long as reading some hundred rows: 33 parts fill a request.
      field: ENCODER_COST * Math.max(1, (query.all?.length ?? 0) + (query.not?.length ?? 0)),
      multiplier: first ?? 24,
    }),
    resolve: async (_root, args, { services, loaders, spend }) => {
      const datasetIds = args.datasets?.map(({ id }) => id) ?? null;
      const found = await loaders.datasets.loadMany(datasetIds ?? []);
      if (found.includes(null)) throw new NotFoundError('One of the datasets does not exist.');
      const request = {
        query: queryOf(args.query),
        datasetIds,
        filter: filterOf(args.filter),
        mode: args.mode ?? 'HYBRID',
        minRelevance: args.minRelevance ?? null,
        showWeak: args.showWeak ?? false,
        order: { by: args.orderBy?.by ?? 'RELEVANCE', descending: args.orderBy?.descending ?? true },
        collapse: args.collapse ?? 'SAME_CONTENT',
        excludeSelf: args.excludeSelf ?? false,
        first: args.first ?? 24,
        after: args.after ?? null,
      };
      const result = await services.search.search(request, loaders.queryPictures);
      spend?.(result.timing.encodeMs);
      services.monitor.searched(result);
      return result;
    },
  }),
);

builder.objectField(ImageRef, 'vector', (t) =>
  t.floatList({
    nullable: true,
    authScopes,
    description: 'Its vector in the live embedding space, of length 1; null where it has none.',
    args: { space: t.arg.string({ description: '`spaceHash` of another embedding space.' }) },
    // Some hundred numbers.
    complexity: 10,
    resolve: async ({ id }, { space }, { services }) => {
      const [vector] = await services.search.vectors([id], space ?? null);
      return vector ? Array.from(vector) : null;
    },
  }),
);
