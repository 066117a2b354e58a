import { classmatesOf, type Dataset, isTextQuery, relevanceOf } from '../../../datasets/dataset.js';
import { namedInCaptions } from '../../../datasets/named-in-captions.js';
import type { RgbImage } from '../../../image/rgb-image.js';

/** A photo of the training gallery. */
export interface EyePhoto {
  /** Place of its picture. */
  readonly picture: number;
  /** What people wrote of it; for a photo that has a class alone, the class in words. */
  readonly captions: readonly string[];
  /** Place of its class; null where it has none. */
  readonly kind: number | null;
  /** Nobody wrote of it: its captions are its class alone. */
  readonly classOnly: boolean;
}

/** A picture that a person made: a sketch, a painting, a cartoon. */
export interface EyeDrawing {
  readonly picture: number;
  readonly style: string;
  /** Place of the photo that it means; null where it means any photo of its class. */
  readonly photo: number | null;
  /** Place of its class; null where it has none. */
  readonly kind: number | null;
}

/** The photos of several datasets as one gallery, and what people drew of them. */
export interface EyeCorpus {
  readonly photos: readonly EyePhoto[];
  readonly drawings: readonly EyeDrawing[];
  /** The photos of each class: those of that class in any dataset, and those whose captions name it. */
  readonly kinds: readonly { readonly name: string; readonly photos: readonly number[] }[];
  /** Paths of the pictures by place, photos and drawings. */
  readonly paths: readonly string[];
}

/** Square pictures by place. */
export interface PictureSource {
  picture(place: number): Promise<RgbImage>;
}

/** Joins datasets. Drawings that mean nothing here are left out. */
export function eyeCorpus(datasets: readonly Dataset[]): EyeCorpus {
  const photos: Omit<EyePhoto, 'kind'>[] = [];
  const classes: (string | undefined)[] = [];
  const drawings: EyeDrawing[] = [];
  const paths: string[] = [];
  const place = (path: string): number => paths.push(path) - 1;
  const starts = datasets.map((dataset) => {
    const first = photos.length;
    for (const { path, captions, class: name } of dataset.images) {
      classes.push(name);
      const classOnly = captions.length === 0;
      photos.push({
        picture: place(path),
        captions: classOnly ? classCaptions(name) : captions,
        classOnly,
      });
    }
    return first;
  });
  const kinds = createKinds(datasets, starts);
  const known = photos.map((photo, index) => ({ ...photo, kind: kinds.placeOf(classes[index]) }));
  for (const [index, dataset] of datasets.entries()) {
    const meant = relevanceOf(dataset);
    for (const query of dataset.queries) {
      if (isTextQuery(query)) continue;
      const kind = kinds.placeOf(query.class);
      const [only] = query.target === undefined ? [] : meant(query);
      const photo = only === undefined ? null : (starts[index] ?? 0) + only;
      if (photo === null && kind === null) continue;
      drawings.push({ picture: place(query.path), style: query.style, photo, kind });
    }
  }
  return { photos: known, drawings, kinds: kinds.all, paths };
}

/** A class as people would ask for it. */
function classCaptions(name: string | undefined): string[] {
  if (name === undefined) return [];
  const words = name.replaceAll(/[_-]+/g, ' ').toLowerCase();
  return [words, `a photo of a ${words}`];
}

function createKinds(datasets: readonly Dataset[], starts: readonly number[]) {
  const members = datasets.map((dataset) => ({
    classmates: classmatesOf(dataset),
    named: namedInCaptions(dataset),
  }));
  const all: { name: string; photos: number[] }[] = [];
  const known = new Map<string, number | null>();
  return {
    all,
    placeOf(name: string | undefined): number | null {
      if (name === undefined) return null;
      const found = known.get(name);
      if (found !== undefined) return found;
      const photos = members.flatMap(({ classmates, named }, i) =>
        [...classmates({ class: name }), ...named(name)].map((index) => (starts[i] ?? 0) + index),
      );
      const place = photos.length > 0 ? all.push({ name, photos }) - 1 : null;
      known.set(name, place);
      return place;
    },
  };
}
