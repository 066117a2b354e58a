import type { RgbImage } from '../image/rgb-image.js';

export interface StyleOptions {
  /** The same picture, seed and strength give the same bytes. */
  readonly seed: number;
  /** How far from the photo, 0 to 1; 0.5 where left out. */
  readonly strength?: number;
}

/** Makes a query picture in some style from a photo; the size stays unless the maker says otherwise. */
export type StyleMaker = (image: RgbImage, options: StyleOptions) => RgbImage | Promise<RgbImage>;

export interface StyleMakerEntry {
  /** The query style that a dataset folder names. */
  readonly style: 'sketch' | 'art' | 'lowres';
  /** What tells it from the other makers of its style, in a few words. */
  readonly kind: string;
  /** What a person calls it: one to three words. */
  readonly title: string;
  /** False where strength changes nothing, because the name says it all. */
  readonly hasStrength: boolean;
  readonly make: StyleMaker;
  /** Never there: a maker that is held out for evaluation is of another type, and fits nowhere where this one does. */
  readonly heldOut?: never;
}

/** The strength of a call, held to 0–1. */
export const strengthOf = (options: StyleOptions): number =>
  Math.min(1, Math.max(0, options.strength ?? 0.5));
