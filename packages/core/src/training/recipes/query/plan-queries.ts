import {
  classmatesOf,
  type Dataset,
  type FileQueryRecord,
  isTextQuery,
  relevanceOf,
} from '../../../datasets/dataset.js';
import { DatasetError } from '../../../datasets/dataset-error.js';
import { namedInCaptions } from '../../../datasets/named-in-captions.js';
import { createRandom } from '../../../random.js';
import { isHeldOut } from '../../../styles/held-out/held-out-names.js';
import type { StyleMakerEntry } from '../../../styles/style-maker.js';
import { styleMakerNames } from '../../../styles/style-makers.js';
import type { PlannedQuery } from './query-cache.js';

/** The photos of several datasets as one gallery, and their query pictures. */
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
  const photos = datasets.flatMap(({ images }) => images.map(({ path }) => path));
  const queries: PlannedQuery[] = [];
  const starts = datasets.map((_, i) =>
    datasets.slice(0, i).reduce((sum, { images }) => sum + images.length, 0),
  );
  const classOf = datasets.flatMap(({ images }) => images.map((image) => image.class));
  const classmatesIn = photosOfClass(datasets, starts);
  for (const [i, dataset] of datasets.entries()) {
    const start = starts[i] ?? 0;
    const relevant = relevanceOf(dataset);
    for (const query of dataset.queries) {
      if (isTextQuery(query)) continue;
      refuseHeldOut(query, dataset);
      const sameClass = classmatesIn(query.class, i);
      const targets = query.target === undefined ? sameClass : relevant(query).map((index) => start + index);
      if (targets.length === 0) continue;
      queries.push({
        style: queryStyle(query.style),
        path: query.path,
        maker: null,
        targets,
        ...(query.target !== undefined && sameClass.length > 1 ? { sameClass } : {}),
      });
    }
  }
  // Which maker a photo gets does not depend on the run's seed: runs with other seeds share the pictures.
  const random = createRandom('qplan');
  const order = random.shuffle(photos.map((_, index) => index));
  const at = (index: number): string => photos[index] ?? '';
  const classmatesOfPhoto = (index: number) =>
    classmatesIn(
      classOf[index],
      starts.findLastIndex((start) => start <= index),
    );
  for (let pass = 0; pass < options.perPhoto; pass++) {
    for (const index of order) {
      for (const style of options.make) {
        const names = styleMakerNames(style);
        const always = options.fixed?.[style] ?? (pass === 0 ? firstMaker[style] : undefined);
        const maker = always ?? names[random.integer(names.length)] ?? '';
        const sameClass = style === 'sketch' ? classmatesOfPhoto(index) : [];
        queries.push({
          style,
          path: at(index),
          maker,
          targets: [index],
          ...(sameClass.length > 1 ? { sameClass } : {}),
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

/** @throws {DatasetError} for a picture that is there to judge models by. */
function refuseHeldOut({ attributes, file }: FileQueryRecord, { name }: Dataset): void {
  if (!isHeldOut(attributes.maker)) return;
  throw new DatasetError(
    'HELD_OUT',
    `${name}: ${file} was drawn by "${String(attributes.maker)}", a maker that is kept for evaluation. Train on other folders: a model that has seen it can no longer be judged by it.`,
    { file },
  );
}

/** Tells the photos of a class in the gallery of all datasets, those of one dataset first: the photos of that class in
 *  every dataset, and those without a class whose captions name it. Else a drawn dog of one dataset would be told
 *  that the dogs of another are wrong. */
function photosOfClass(datasets: readonly Dataset[], starts: readonly number[]) {
  const members = datasets.map((dataset) => ({
    classmates: classmatesOf(dataset),
    named: namedInCaptions(dataset),
  }));
  const found = new Map<string, readonly number[]>();
  return (name: string | undefined, first: number): readonly number[] => {
    if (name === undefined) return [];
    const key = `${first} ${name}`;
    const known = found.get(key);
    if (known) return known;
    const own = (i: number) => {
      const { classmates, named } = members[i] ?? { classmates: () => [], named: () => [] };
      return [...classmates({ class: name }), ...named(name)].map((index) => (starts[i] ?? 0) + index);
    };
    const rest = datasets.flatMap((_, i) => (i === first ? [] : own(i)));
    const all = [...own(first), ...rest];
    found.set(key, all);
    return all;
  };
}
