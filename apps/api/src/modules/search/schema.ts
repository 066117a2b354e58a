import type { StyleReport } from '@freestyle/core';
import { NotFoundError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import { ModelRef } from '../model/schema.js';
import { ImageRef } from '../photo/ref.js';
import { detectedStyle, type PartReport } from './encode-parts.js';
import { QUERY_STYLES } from './query.js';
import type { Contribution, SearchHit, SearchResult } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const QueryStyleEnum = builder.enumType('QueryStyle', { values: QUERY_STYLES });
const QueryPartKindEnum = builder.enumType('QueryPartKind', { values: ['TEXT', 'IMAGE', 'VECTOR'] as const });
const ExactnessEnum = builder.enumType('Exactness', {
  values: {
    EXACT: { description: 'Every photo was ranked.' },
    APPROXIMATE: { description: 'The vector index was asked; a hit may be missing.' },
    BUDGET_EXHAUSTED: { description: 'The index gave up before it had found enough; hits are missing.' },
  } as const,
});

const ImageSourceInput = builder.inputType('ImageSourceInput', {
  isOneOf: true,
  fields: (t) => ({
    uploadId: t.id({ description: 'What POST /uploads answered.' }),
    base64: t.string({ description: 'The bytes of a picture, for small ones.' }),
    url: t.string({ description: 'A public address; private networks are never fetched from.' }),
    id: t.id({ description: 'A photo of the gallery: its own vector is used.' }),
  }),
});

const QueryPartInput = builder.inputType('QueryPartInput', {
  description: 'Exactly one of `text`, `image` and `vector`.',
  fields: (t) => ({
    text: t.string(),
    image: t.field({ type: ImageSourceInput }),
    vector: t.floatList({ description: 'In the space of the live model; its length does not matter.' }),
    weight: t.float({ defaultValue: 1 }),
    style: t.field({
      type: QueryStyleEnum,
      defaultValue: 'AUTO',
      description: 'Overrides the style that is detected in a picture.',
    }),
  }),
});

const SearchQueryInput = builder.inputType('SearchQueryInput', {
  fields: (t) => ({
    all: t.field({ type: [QueryPartInput], required: true }),
    not: t.field({ type: [QueryPartInput], description: 'What a photo shall not resemble.' }),
  }),
});

const ContributionRef = builder.objectRef<Contribution>('Contribution').implement({
  authScopes,
  description: 'What one part adds to a hit’s score: the values of a hit add up to its score.',
  fields: (t) => ({
    part: t.exposeInt('part', { description: '`index` of the part’s report.' }),
    negative: t.exposeBoolean('negative'),
    weight: t.exposeFloat('weight'),
    similarity: t.exposeFloat('similarity', { description: 'Cosine of part and photo.' }),
    value: t.exposeFloat('value'),
  }),
});

const SearchEdgeRef = builder.objectRef<SearchHit>('SearchEdge').implement({
  authScopes,
  fields: (t) => ({
    cursor: t.exposeString('cursor'),
    score: t.exposeFloat('score', { description: 'For a single part, the cosine.' }),
    rank: t.exposeInt('rank', { description: 'From 1, over all pages.' }),
    node: t.field({
      type: ImageRef,
      resolve: ({ imageId }, _args, { loaders }) => loaders.images.loadRequired(imageId),
    }),
    contributions: t.field({
      type: [ContributionRef],
      complexity: { multiplier: 1 },
      resolve: (hit) => hit.contributions(),
    }),
  }),
});

const StyleWeightRef = builder.objectRef<StyleReport['weights'][number]>('StyleWeight').implement({
  authScopes,
  fields: (t) => ({ style: t.exposeString('style'), weight: t.exposeFloat('weight') }),
});

const StyleReportRef = builder.objectRef<StyleReport>('StyleReport').implement({
  authScopes,
  description: 'What the query side saw in a picture.',
  fields: (t) => ({
    detected: t.string({ resolve: detectedStyle }),
    weights: t.field({
      type: [StyleWeightRef],
      complexity: { multiplier: 1 },
      resolve: ({ weights }) => [...weights],
    }),
    confidence: t.exposeFloat('confidence'),
    known: t.exposeBoolean('known', { description: 'False outside every known style.' }),
  }),
});

const QueryPartReportRef = builder.objectRef<PartReport>('QueryPartReport').implement({
  authScopes,
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Counts the parts of `all`, then those of `not`, from 0.' }),
    negative: t.exposeBoolean('negative'),
    kind: t.field({ type: QueryPartKindEnum, resolve: ({ kind }) => kind }),
    weight: t.exposeFloat('weight'),
    style: t.field({ type: StyleReportRef, nullable: true, resolve: ({ style }) => style }),
  }),
});

const SearchTimingRef = builder.objectRef<SearchResult['timing']>('SearchTiming').implement({
  authScopes,
  fields: (t) => ({
    encodeMs: t.exposeFloat('encodeMs'),
    searchMs: t.exposeFloat('searchMs'),
    totalMs: t.exposeFloat('totalMs'),
  }),
});

const SearchConnectionRef = builder.objectRef<SearchResult>('SearchConnection').implement({
  authScopes,
  fields: (t) => ({
    edges: t.field({
      type: [SearchEdgeRef],
      complexity: { multiplier: 1 },
      resolve: ({ hits }) => [...hits],
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      resolve: ({ hits, hasNextPage, hasPreviousPage }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: hits.at(0)?.cursor ?? null,
        endCursor: hits.at(-1)?.cursor ?? null,
      }),
    }),
    timing: t.field({ type: SearchTimingRef, resolve: ({ timing }) => timing }),
    parts: t.field({
      type: [QueryPartReportRef],
      complexity: { multiplier: 1 },
      resolve: ({ parts }) => [...parts],
    }),
    exactness: t.field({ type: ExactnessEnum, resolve: ({ exactness }) => exactness }),
    galleryCount: t.exposeInt('galleryCount', { description: 'Photos that were searched among.' }),
    model: t.field({ type: ModelRef, resolve: ({ model }) => model }),
  }),
});

builder.queryField('search', (t) =>
  t.field({
    type: SearchConnectionRef,
    authScopes,
    description:
      'Ranks the photos of some or all datasets. Pages of one search never repeat or skip a photo.',
    args: {
      query: t.arg({ type: SearchQueryInput, required: true }),
      datasets: t.arg.globalIDList({ required: false, for: DatasetRef }),
      first: t.arg.int({ required: false, defaultValue: 24 }),
      after: t.arg.string({ required: false }),
    },
    complexity: ({ first }) => ({ field: 50, multiplier: first ?? 24 }),
    resolve: async (_root, { query, datasets, first, after }, { services, loaders }) => {
      const datasetIds = datasets?.map(({ id }) => id) ?? null;
      const found = await loaders.datasets.loadMany(datasetIds ?? []);
      if (found.includes(null)) throw new NotFoundError('One of the datasets does not exist.');
      return services.search.search({ query, datasetIds, first: first ?? 24, after: after ?? null });
    },
  }),
);
