import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import type { ImageFilter } from './filter.js';
import { ImageRef } from './ref.js';
import type { SelectionInput } from './selection.js';

export const ImageStateEnum = builder.enumType('ImageState', {
  values: {
    INDEXED: { description: 'The live model finds it.' },
    UNINDEXED: { description: 'Stored; it has no vector of the live model yet.' },
    DELETED: { description: 'Set aside by a curator: no search finds it, and it can be restored.' },
  } as const,
});

const AttributeFilterInput = builder.inputType('AttributeFilter', {
  description: 'Photos with an attribute, as their manifest told it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the attribute, as it was written.' }),
    values: t.stringList({ description: 'Any of these values, compared as text; any value if left out.' }),
  }),
});

/** A photo filter as GraphQL brings it. */
export interface ImageFilterShape extends Omit<ImageFilter, 'datasetIds' | 'and' | 'or' | 'not'> {
  readonly datasets?: readonly { readonly id: string }[] | null | undefined;
  readonly and?: readonly ImageFilterShape[] | null | undefined;
  readonly or?: readonly ImageFilterShape[] | null | undefined;
  readonly not?: ImageFilterShape | null | undefined;
}

/** For every field that takes photos by what they are: those of a dataset and those of a search alike. */
export const ImageFilterInput = builder.inputRef<ImageFilterShape>('ImageFilter');

ImageFilterInput.implement({
  description: 'Photos that meet every condition given. In a list any value will do; an empty list is none.',
  fields: (t) => ({
    splits: t.stringList({ description: 'An empty text means: in no split.' }),
    classes: t.stringList({ description: 'An empty text means: of no class.' }),
    tags: t.stringList({ description: 'An empty text means: without tags.' }),
    styles: t.stringList({
      description: 'Has a query in one of these styles. An empty text means: has no query.',
    }),
    withoutStyles: t.stringList({ description: 'Has a query in none of these styles.' }),
    states: t.field({ type: [ImageStateEnum], description: 'Everything that is not deleted, if left out.' }),
    minSide: t.int({ description: 'Least length of the longest edge, in pixels.' }),
    maxSide: t.int({ description: 'Greatest length of the longest edge, in pixels.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Came in at this moment or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Came in before this moment.' }),
    caption: t.string({ description: 'One of the captions contains it, in capitals or not.' }),
    fileName: t.string({ description: 'The path contains it, in capitals or not.' }),
    hasCaption: t.boolean({ description: 'Whether it has a caption.' }),
    nearDuplicate: t.boolean({
      description: 'Whether it looks like another photo of the dataset, as the last check found.',
    }),
    datasets: t.globalIDList({ for: DatasetRef, description: 'Of one of these datasets.' }),
    attributes: t.field({ type: [AttributeFilterInput], description: 'Has every one of these attributes.' }),
    and: t.field({ type: [ImageFilterInput], description: 'Meets every one of these filters.' }),
    or: t.field({ type: [ImageFilterInput], description: 'Meets at least one of these filters.' }),
    not: t.field({ type: ImageFilterInput, description: 'Does not meet this filter.' }),
  }),
});

/** The filter by the ids of rows. */
export function filterOf(shape: ImageFilterShape | null | undefined): ImageFilter | null {
  if (!shape) return null;
  const { datasets, and, or, not, ...own } = shape;
  const branches = (list: readonly ImageFilterShape[] | null | undefined) =>
    list?.map((one) => filterOf(one) ?? {});
  return {
    ...own,
    datasetIds: datasets?.map(({ id }) => id),
    and: branches(and),
    or: branches(or),
    not: filterOf(not),
  };
}

/** For every field that takes photos which a person selected. */
export const ImageSelectionInput = builder.inputType('ImageSelectionInput', {
  description: 'Either `ids`, or everything behind the filter but `except`: not the page, all of it.',
  fields: (t) => ({
    datasetId: t.globalID({ required: true, for: DatasetRef }),
    filter: t.field({ type: ImageFilterInput }),
    ids: t.globalIDList({ for: ImageRef }),
    except: t.globalIDList({ for: ImageRef }),
  }),
});

/** The selection by the ids of rows. */
export const selectionOf = ({
  datasetId,
  filter,
  ids,
  except,
}: typeof ImageSelectionInput.$inferInput): SelectionInput => ({
  datasetId: datasetId.id,
  filter: filterOf(filter),
  ids: ids?.map(({ id }) => id),
  except: except?.map(({ id }) => id),
});
