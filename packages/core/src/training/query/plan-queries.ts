import { classmatesOf, type Dataset, isTextQuery, relevanceOf } from '../../datasets/dataset.js';
import { createRandom } from '../../random.js';
import type { StyleMakerEntry } from '../../styles/style-maker.js';
import { styleMakerNames } from '../../styles/style-makers.js';
import type { PlannedQuery } from './query-cache.js';

/** The photos of several datasets as one gallery, and the query pictures that mean them. */
export interface QueryPlan {
  readonly photos: readonly string[];
  readonly queries: readonly PlannedQuery[];
}

export interface PlanOptions {
  /** Styles to make of each photo. */
  readonly make: readonly StyleMakerEntry['style'][];
  /** How many query pictures of each made style and photo. */
  readonly perPhoto: number;
  /** The photos themselves as queries too. */
  readonly plain: boolean;
  /** Always this maker for a style, instead of one drawn from all of its makers: for validation. */
  readonly fixed?: Readonly<Record<string, string>>;
}

/** Cartoons are art to the query tower: the paper counts them as one style. */
const styleAlias: Readonly<Record<string, string>> = { cartoon: 'art', painting: 'art' };
export const queryStyle = (style: string): string => styleAlias[style] ?? style;

/** What every photo gets in the first pass: the mosaic that the paper calls low-res. */
const firstMaker: Readonly<Record<string, string>> = { lowres: 'lowres-mosaic-16' };

/** Plans the query pictures: those that a dataset brings, then made ones, photo by photo in a shuffled order, then
 *  photos as they are. */
export function planQueries(datasets: readonly Dataset[], options: PlanOptions): QueryPlan {
  const photos: string[] = [];
  const queries: PlannedQuery[] = [];
  const kinOfDataset: ((index: number) => readonly number[])[] = [];
  for (const dataset of datasets) {
    const offset = photos.length;
    photos.push(...dataset.images.map((image) => image.path));
    const relevant = relevanceOf(dataset);
    const classmates = classmatesOf(dataset);
    const end = photos.length;
    kinOfDataset.push((index) => {
      const image = index < end ? dataset.images[index - offset] : undefined;
      return image?.class === undefined
        ? []
        : classmates({ class: image.class }).map((other) => offset + other);
    });
    for (const query of dataset.queries) {
      if (isTextQuery(query)) continue;
      const targets = relevant(query).map((index) => offset + index);
      if (targets.length === 0) continue;
      const kin = targets.length === 1 ? classmates(query).map((index) => offset + index) : [];
      queries.push({
        style: queryStyle(query.style),
        path: query.path,
        maker: null,
        targets,
        ...(kin.length > 1 ? { kin } : {}),
      });
    }
  }
  // Which maker a photo gets does not depend on the run's seed: runs with other seeds share the pictures.
  const random = createRandom('qplan');
  const order = random.shuffle(photos.map((_, index) => index));
  const at = (index: number): string => photos[index] ?? '';
  const kinOf = (index: number) => kinOfDataset.map((of) => of(index)).find((kin) => kin.length > 0) ?? [];
  for (let pass = 0; pass < options.perPhoto; pass++) {
    for (const index of order) {
      for (const style of options.make) {
        const names = styleMakerNames(style);
        const always = options.fixed?.[style] ?? (pass === 0 ? firstMaker[style] : undefined);
        const maker = always ?? names[random.integer(names.length)] ?? '';
        const kin = style === 'sketch' ? kinOf(index) : [];
        queries.push({
          style,
          path: at(index),
          maker,
          targets: [index],
          ...(kin.length > 1 ? { kin } : {}),
        });
      }
    }
  }
  if (options.plain) {
    for (const index of order)
      queries.push({ style: 'photo', path: at(index), maker: null, targets: [index] });
  }
  return { photos, queries };
}
