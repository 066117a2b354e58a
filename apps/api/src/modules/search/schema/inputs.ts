import { builder } from '../../../platform/graphql/builder.js';
import { ImageRef } from '../../photo/ref.js';
import type { COLLAPSES, SORT_KEYS } from '../find/find-query.js';
import type {
  ImageSource,
  LeafInput,
  QUERY_STYLES,
  QueryPartInput,
  SEARCH_MODES,
  SearchQuery,
} from '../parse/query.js';

/** When the fields that have a better form go away. */
const UNTIL = 'Goes away on 2027-12-01.';

const QueryStyleEnum = builder.enumType('QueryStyle', {
  description: 'How a picture of a query is read.',
  values: {
    AUTO: { description: 'By the style that is seen in it.' },
    NONE: { description: 'As the photos of the gallery are read.' },
    PHOTO: { description: 'The same as NONE.', deprecationReason: `Say NONE. ${UNTIL}` },
    SKETCH: { description: 'As a drawing.' },
    ART: { description: 'As a painting or cartoon.' },
    LOWRES: { description: 'As a small or blurred picture.' },
  } satisfies Record<(typeof QUERY_STYLES)[number], object>,
});

export const SearchModeEnum = builder.enumType('SearchMode', {
  description: 'By what texts find photos.',
  values: {
    HYBRID: { description: 'By what they mean, and by words that stand with photos.' },
    MEANING: { description: 'By what they mean alone.' },
    WORDS: { description: 'By words that stand with photos alone: captions, class, tags and file name.' },
  } satisfies Record<(typeof SEARCH_MODES)[number], object>,
});

const SearchSortKeyEnum = builder.enumType('SearchSortKey', {
  description: 'What hits are sorted by.',
  values: {
    RELEVANCE: { description: 'The score.' },
    CREATED_AT: { description: 'When the photo came in.' },
    FILE_NAME: { description: 'The path, letter by letter.' },
    SIZE: { description: 'Bytes of the file.' },
  } satisfies Record<(typeof SORT_KEYS)[number], object>,
});

export const SearchOrderInput = builder.inputType('SearchOrder', {
  description: 'The order of hits. Whatever it is, only hits above the floor are in it.',
  fields: (t) => ({
    by: t.field({ type: SearchSortKeyEnum, required: true, description: 'What hits are sorted by.' }),
    descending: t.boolean({ defaultValue: true, description: 'The greatest first.' }),
  }),
});

export const CollapseEnum = builder.enumType('Collapse', {
  description: 'Which hits are told as one.',
  values: {
    NONE: { description: 'Each photo is a hit of its own.' },
    SAME_CONTENT: { description: 'The same file, in whatever dataset.' },
    NEAR_DUPLICATES: { description: 'Photos that look alike, by their perceptual hash.' },
  } satisfies Record<(typeof COLLAPSES)[number], object>,
});

const ImageSourceInput = builder.inputType('ImageSourceInput', {
  description: 'Where a picture is.',
  isOneOf: true,
  fields: (t) => ({
    uploadId: t.id({ description: 'What POST /uploads answered.' }),
    base64: t.string({ description: 'The bytes of a picture, for small ones.' }),
    url: t.string({ description: 'A public address; private networks are never fetched from.' }),
    id: t.globalID({
      for: ImageRef,
      description: 'A photo of the gallery: its own vector is used.',
      deprecationReason: `Say \`imageId\`. ${UNTIL}`,
    }),
  }),
});

const QueryLeafInput = builder.inputType('QueryLeafInput', {
  description: 'What a part of a query shows or says.',
  isOneOf: true,
  fields: (t) => ({
    text: t.string({ description: 'Words, 2,000 characters at most.' }),
    image: t.field({ type: ImageSourceInput, description: 'A picture.' }),
    sketch: t.field({ type: ImageSourceInput, description: 'A drawing: its style is not guessed.' }),
    imageId: t.globalID({ for: ImageRef, description: 'A photo of the gallery: its own vector is used.' }),
    vector: t.floatList({ description: 'In the space of the live model; its length does not matter.' }),
  }),
});

const CropInput = builder.inputType('CropInput', {
  description: 'A box inside a picture, in shares of its sides from 0 to 1.',
  fields: (t) => ({
    x: t.float({ required: true, description: 'Left edge.' }),
    y: t.float({ required: true, description: 'Upper edge.' }),
    width: t.float({ required: true, description: 'Share of the width.' }),
    height: t.float({ required: true, description: 'Share of the height.' }),
  }),
});

const QueryPartInputRef = builder.inputType('QueryPartInput', {
  description: 'A part of a query with its weight.',
  fields: (t) => ({
    like: t.field({ type: QueryLeafInput, description: 'What it shows or says.' }),
    weight: t.float({ defaultValue: 1, description: 'What it counts beside other parts, 0 to 100.' }),
    style: t.field({ type: QueryStyleEnum, description: 'How a picture is read; AUTO if left out.' }),
    styleName: t.string({
      description: 'Instead of `style`: a style or cluster of the live model, by name.',
    }),
    crop: t.field({ type: CropInput, description: 'Only this part of a picture is looked at.' }),
    text: t.string({ description: 'Words.', deprecationReason: `Say \`like: { text }\`. ${UNTIL}` }),
    image: t.field({
      type: ImageSourceInput,
      description: 'A picture.',
      deprecationReason: `Say \`like: { image }\` or \`like: { imageId }\`. ${UNTIL}`,
    }),
    vector: t.floatList({
      description: 'A vector in the space of the live model.',
      deprecationReason: `Say \`like: { vector }\`. ${UNTIL}`,
    }),
  }),
});

export const SearchQueryInput = builder.inputType('SearchQueryInput', {
  description: 'What is looked for: at least one part in all, 16 at most.',
  fields: (t) => ({
    all: t.field({ type: [QueryPartInputRef], description: 'What a photo shall resemble.' }),
    not: t.field({
      type: [QueryPartInputRef],
      description:
        'What a photo shall not resemble. It only pushes down: no photo gains by not resembling something. Alone, it shows the photos in the order in which they came in, those that resemble it last.',
    }),
  }),
});

type PartShape = typeof QueryPartInputRef.$inferInput;
type SourceShape = typeof ImageSourceInput.$inferInput;

const sourceOf = (source: SourceShape | null | undefined): ImageSource | null =>
  source ? { ...source, id: source.id?.id } : null;

const leafOf = (leaf: typeof QueryLeafInput.$inferInput | null | undefined): LeafInput | null =>
  leaf
    ? { ...leaf, image: sourceOf(leaf.image), sketch: sourceOf(leaf.sketch), imageId: leaf.imageId?.id }
    : null;

const partOf = (part: PartShape): QueryPartInput => ({
  ...part,
  like: leafOf(part.like),
  image: sourceOf(part.image),
});

/** The query by the ids of rows. */
export const queryOf = ({ all, not }: typeof SearchQueryInput.$inferInput): SearchQuery => ({
  all: all?.map(partOf),
  not: not?.map(partOf),
});
