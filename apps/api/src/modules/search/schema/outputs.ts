import type { StyleReport } from '@freestyle/core';
import { builder } from '../../../platform/graphql/builder.js';
import { FacetCountRef } from '../../../platform/graphql/facet-count.js';
import { ModelRef } from '../../model/schema.js';
import { ImageRef } from '../../photo/ref.js';
import { detectedStyle, type PART_KINDS, type PartReport } from '../encode/encode-parts.js';
import type { CONTRIBUTION_KINDS, Contribution } from '../explain/explain-hit.js';
import type { Nothing } from '../explain/why-nothing.js';
import type { EXACTNESSES } from '../find/find-page.js';
import type { WordPiece } from '../parse/words.js';
import type { SearchHit, SearchResult } from '../result.js';
import { StyleReportRef } from './style-report-ref.js';

const authScopes = { role: 'VIEWER' } as const;

const PartKindEnum = builder.enumType('QueryPartKind', {
  description: 'What a part of a query is.',
  values: {
    TEXT: { description: 'Words.' },
    IMAGE: { description: 'A picture that was brought.' },
    PHOTO: { description: 'A photo of the gallery.' },
    VECTOR: { description: 'A vector.' },
  } satisfies Record<(typeof PART_KINDS)[number], object>,
});

const ContributionKindEnum = builder.enumType('ContributionKind', {
  description: 'By what a part adds to a score.',
  values: {
    MEANING: { description: 'By its likeness to the photo.' },
    WORDS: { description: 'By words of it that stand with the photo.' },
  } satisfies Record<(typeof CONTRIBUTION_KINDS)[number], object>,
});

const ExactnessEnum = builder.enumType('Exactness', {
  description: 'How far a ranking can be relied on.',
  values: {
    EXACT: { description: 'Every photo that may count was ranked.' },
    APPROXIMATE: { description: 'The vector index was asked; a hit may be missing.' },
    BUDGET_EXHAUSTED: { description: 'The index gave up before it had found enough; hits are missing.' },
  } satisfies Record<(typeof EXACTNESSES)[number], object>,
});

const NothingReasonEnum = builder.enumType('NothingReason', {
  description: 'Why a search shows nothing.',
  values: {
    NO_MATCH: { description: 'No photo stands out enough.' },
    NO_PHOTOS: { description: 'No photo meets the filter, or there is none.' },
    EMPTY_PICTURE: { description: 'Nothing is on the picture that was looked for.' },
    TAKEN_AWAY: { description: 'What is wanted is also what is not wanted.' },
  } satisfies Record<Nothing['reason'], object>,
});

const ContributionRef = builder.objectRef<Contribution>('Contribution').implement({
  authScopes,
  description: 'What one part adds to a hit’s score: the values of a hit add up to its score.',
  fields: (t) => ({
    part: t.exposeInt('part', { description: '`index` of the part’s report.' }),
    kind: t.field({
      type: ContributionKindEnum,
      description: 'Whether by likeness or by words.',
      resolve: ({ kind }) => kind,
    }),
    negative: t.exposeBoolean('negative', {
      description: 'Whether the part is not wanted: its value is 0 or less.',
    }),
    weight: t.exposeFloat('weight', { description: 'As it was asked for.' }),
    similarity: t.float({
      description: 'Cosine of part and photo; 0 for words.',
      resolve: ({ similarity }) => similarity ?? 0,
    }),
    coverage: t.exposeFloat('coverage', {
      nullable: true,
      description: 'Share of the part’s words that stand with the photo, 0 to 1; null for likeness.',
    }),
    value: t.exposeFloat('value', { description: 'The summand, in the unit of the score.' }),
  }),
});

const ExplanationRef = builder.objectRef<SearchHit>('SearchExplanation').implement({
  authScopes,
  description: 'Where a hit would stand otherwise. Each field ranks the whole gallery once for its page.',
  fields: (t) => ({
    exactRank: t.int({
      nullable: true,
      description: 'When every photo is ranked: beside `rank`, it says what the index costs.',
      complexity: 4,
      resolve: (hit) => hit.exactRank(),
    }),
    rankWithoutStyle: t.int({
      nullable: true,
      description:
        'If pictures of the query were read as the gallery’s photos are; null without such a picture.',
      complexity: 4,
      resolve: (hit) => hit.rankWithoutStyle(),
    }),
  }),
});

const SearchEdgeRef = builder.objectRef<SearchHit>('SearchEdge').implement({
  authScopes,
  description: 'A hit.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Where the next page begins.' }),
    score: t.exposeFloat('score', {
      description:
        'How far the photo stands out from photos that are not meant, in their standard deviations; words add up to 6. The same scale for any number and kind of parts.',
    }),
    relevance: t.exposeFloat('relevance', {
      nullable: true,
      description:
        'The score in nats above chance: by chance alone the best of the photos searched reaches 3 in one search of 20, and 5 in one of 150. Null for a model that does not know.',
    }),
    rank: t.exposeInt('rank', { description: 'From 1, over all pages.' }),
    node: t.field({ type: ImageRef, description: 'The photo.', resolve: ({ image }) => image }),
    contributions: t.field({
      type: [ContributionRef],
      description: 'What each part adds to the score.',
      complexity: { multiplier: 1 },
      resolve: (hit) => [...hit.contributions],
    }),
    copyCount: t.int({
      description: 'Other photos that this hit stands for: see `collapse`.',
      resolve: ({ copyIds }) => copyIds.length,
    }),
    copies: t.field({
      type: [ImageRef],
      description: 'Other photos that this hit stands for: see `collapse`.',
      complexity: { multiplier: 2 },
      resolve: async ({ copyIds }, _args, { loaders }) =>
        (await loaders.images.loadMany(copyIds)).filter((image) => image !== null),
    }),
    explain: t.field({
      type: ExplanationRef,
      description: 'Where it would stand otherwise.',
      resolve: (hit) => hit,
    }),
  }),
});

const StyleWeightRef = builder.objectRef<StyleReport['weights'][number]>('StyleWeight').implement({
  authScopes,
  description: 'How much of a style is seen in a picture.',
  fields: (t) => ({
    style: t.exposeString('style', { description: 'Its name, as the model calls it.' }),
    weight: t.exposeFloat('weight', { description: '0 to 1; together they are 1.' }),
  }),
});

builder.objectType(StyleReportRef, {
  name: 'StyleReport',
  authScopes,
  description: 'What the query side saw in a picture.',
  fields: (t) => ({
    detected: t.string({ description: 'The style that weighs most.', resolve: detectedStyle }),
    weights: t.field({
      type: [StyleWeightRef],
      description: 'Every style of the model.',
      complexity: { multiplier: 1 },
      resolve: ({ weights }) => [...weights],
    }),
    confidence: t.exposeFloat('confidence', { description: 'The largest weight.' }),
    known: t.exposeBoolean('known', { description: 'False outside every known style.' }),
  }),
});

const SearchedWordRef = builder.objectRef<WordPiece>('SearchedWord').implement({
  authScopes,
  description: 'A word that is looked for beside what a text means.',
  fields: (t) => ({
    typed: t.exposeString('typed', { description: 'As it was typed.' }),
    taken: t.exposeString('taken', {
      description:
        'What it was taken for, by its stem: another word where it was a beginning or held a typing error.',
    }),
    share: t.exposeFloat('share', { description: 'What it counts among the words of its part, 0 to 1.' }),
  }),
});

const QueryPartReportRef = builder.objectRef<PartReport>('QueryPartReport').implement({
  authScopes,
  description: 'What was made of a part of the query.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Counts the parts of `all`, then those of `not`, from 0.' }),
    negative: t.exposeBoolean('negative', { description: 'Whether it stood in `not`.' }),
    kind: t.field({ type: PartKindEnum, description: 'What it is.', resolve: ({ kind }) => kind }),
    weight: t.exposeFloat('weight', { description: 'As it was asked for.' }),
    style: t.field({
      type: StyleReportRef,
      nullable: true,
      description: 'What was seen in a picture; null for other parts.',
      resolve: ({ style }) => style,
    }),
    blank: t.exposeBoolean('blank', { description: 'An empty sheet of paper: it takes no part.' }),
    words: t.field({
      type: [SearchedWordRef],
      description: 'Words of a text that are looked for; none by MEANING.',
      complexity: { multiplier: 1 },
      resolve: ({ words }) => [...words],
    }),
  }),
});

const SearchTimingRef = builder.objectRef<SearchResult['timing']>('SearchTiming').implement({
  authScopes,
  description: 'Where the time of a search went, in milliseconds.',
  fields: (t) => ({
    encodeMs: t.exposeFloat('encodeMs', { description: 'Reading and encoding the parts.' }),
    searchMs: t.exposeFloat('searchMs', {
      description: 'Finding photos, and reading what is shown of them.',
    }),
    totalMs: t.exposeFloat('totalMs', { description: 'Both.' }),
  }),
});

const NothingRef = builder.objectRef<Nothing>('NothingFound').implement({
  authScopes,
  description: 'Why a search shows nothing.',
  fields: (t) => ({
    reason: t.field({
      type: NothingReasonEnum,
      description: 'Made for programs.',
      resolve: ({ reason }) => reason,
    }),
    message: t.exposeString('message', { description: 'Made for people.' }),
  }),
});

// Every cost below counts once for each hit of the page, as that of its edges does.
const facetField = {
  type: [FacetCountRef] as [typeof FacetCountRef],
  complexity: { field: 2, multiplier: 1 },
};

const SearchFacetsRef = builder.objectRef<SearchResult>('SearchFacets').implement({
  authScopes,
  description:
    'How often values occur in everything that a search finds, not only on its page; most frequent first.',
  fields: (t) => ({
    styles: t.field({
      ...facetField,
      description: 'Photos that have a query in the style; empty for those without any.',
      resolve: (result) => result.facet('styles'),
    }),
    classes: t.field({
      ...facetField,
      description: 'By class.',
      resolve: (result) => result.facet('classes'),
    }),
    tags: t.field({ ...facetField, description: 'By tag.', resolve: (result) => result.facet('tags') }),
    splits: t.field({ ...facetField, description: 'By split.', resolve: (result) => result.facet('splits') }),
    datasets: t.field({
      ...facetField,
      description: 'By dataset: its id.',
      resolve: async (result) => {
        const counts = await result.facet('datasets');
        return counts.map(({ value, count }) => ({ value: globalId('Dataset', value), count }));
      },
    }),
  }),
});

const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64');

export const SearchConnectionRef = builder.objectRef<SearchResult>('SearchConnection').implement({
  authScopes,
  description: 'A page of hits, and what the search made of the query.',
  fields: (t) => ({
    edges: t.field({
      type: [SearchEdgeRef],
      description: 'The hits, best first.',
      complexity: { multiplier: 1 },
      resolve: ({ hits }) => [...hits],
    }),
    pageInfo: t.field({
      type: builder.pageInfoRef(),
      description: 'Whether there is more, and where it begins.',
      resolve: ({ hits, hasNextPage, hasPreviousPage }) => ({
        hasNextPage,
        hasPreviousPage,
        startCursor: hits.at(0)?.cursor ?? null,
        endCursor: hits.at(-1)?.cursor ?? null,
      }),
    }),
    nothing: t.field({
      type: NothingRef,
      nullable: true,
      description: 'Why there is no hit; null where there is one, and on later pages.',
      resolve: ({ nothing }) => nothing,
    }),
    floor: t.float({
      nullable: true,
      description: 'The relevance from which on hits are shown; null where all are.',
      resolve: ({ floor }) => floor.relevance,
    }),
    matchFloor: t.float({
      nullable: true,
      description:
        'The relevance that the best hit must reach, or nothing is shown. Null where `minRelevance` or `showWeak` says what is.',
      resolve: ({ floor }) => floor.match?.relevance ?? null,
    }),
    floorScore: t.float({
      nullable: true,
      description: 'The floor in the unit of `score`.',
      resolve: ({ floor }) => floor.score,
    }),
    weakestShown: t.float({
      nullable: true,
      description: 'The score of the last hit of this page.',
      resolve: ({ hits }) => hits.at(-1)?.score ?? null,
    }),
    totalCount: t.int({
      description:
        'Hits above the floor on all pages; the same content counts once. Ranks the whole gallery.',
      complexity: 2,
      resolve: async (result) => (await result.tally()).above,
    }),
    belowFloorCount: t.int({
      description: 'Photos that the floor leaves out; `showWeak` shows them. Ranks the whole gallery.',
      complexity: 2,
      resolve: async (result) => (await result.tally()).below,
    }),
    facets: t.field({
      type: SearchFacetsRef,
      description: 'What is among everything that was found.',
      resolve: (result) => result,
    }),
    timing: t.field({
      type: SearchTimingRef,
      description: 'Where the time went.',
      resolve: ({ timing }) => timing,
    }),
    parts: t.field({
      type: [QueryPartReportRef],
      description: 'What was made of each part.',
      complexity: { multiplier: 1 },
      resolve: ({ parts }) => [...parts],
    }),
    exactness: t.field({
      type: ExactnessEnum,
      description: 'How far the ranking can be relied on.',
      resolve: ({ exactness }) => exactness,
    }),
    galleryCount: t.int({
      description: 'Photos that were searched among. Counts them.',
      complexity: 1,
      resolve: (result) => result.galleryCount(),
    }),
    model: t.field({
      type: ModelRef,
      description: 'The model that answered.',
      resolve: ({ model }) => model,
    }),
  }),
});
