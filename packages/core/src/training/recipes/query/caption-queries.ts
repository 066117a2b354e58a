import { captionQueries, type Dataset } from '../../../datasets/dataset.js';

/** A caption as a query, and its photo: an index into the gallery of all datasets, one after another. */
export interface PlannedCaption {
  readonly text: string;
  readonly target: number;
}

/** Every caption of the datasets as a query. */
export function planCaptions(datasets: readonly Dataset[]): PlannedCaption[] {
  const planned: PlannedCaption[] = [];
  let offset = 0;
  for (const dataset of datasets) {
    const places = new Map(dataset.images.map((image, index) => [image.file, offset + index]));
    for (const { text, target } of captionQueries(dataset)) {
      const place = places.get(target ?? '');
      if (place !== undefined) planned.push({ text, target: place });
    }
    offset += dataset.images.length;
  }
  return planned;
}

/** At most so many of a list, spread evenly over it. */
export const thinCaptions = (captions: readonly PlannedCaption[], most: number): PlannedCaption[] =>
  captions.filter((_, index) => index % Math.max(1, Math.ceil(captions.length / most)) === 0);
