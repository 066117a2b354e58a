import { type Dataset, isTextQuery } from '../../../datasets/dataset.js';

/** The pictures that the backbone learns from. */
export interface BaseCorpus {
  readonly paths: readonly string[];
  /** Captions by picture; none for a picture that only the teacher speaks of. */
  readonly captions: readonly (readonly string[])[];
  /** Views to make of each. */
  readonly passes: readonly number[];
}

/** Every photo of the datasets with its captions, then their query pictures: those have no caption, but show the
 *  student what the teacher sees in a sketch or a painting. One view of each is enough, they are many and alike. */
export function baseCorpus(datasets: readonly Dataset[], viewsPerPhoto: number): BaseCorpus {
  const photos = datasets.flatMap((dataset) =>
    dataset.images.map((image) => ({ path: image.path, captions: image.captions, passes: viewsPerPhoto })),
  );
  const others = datasets.flatMap((dataset) =>
    dataset.queries.flatMap((query) =>
      isTextQuery(query) ? [] : [{ path: query.path, captions: [] as readonly string[], passes: 1 }],
    ),
  );
  const all = [...photos, ...others];
  return {
    paths: all.map(({ path }) => path),
    captions: all.map(({ captions }) => captions),
    passes: all.map(({ passes }) => passes),
  };
}
