import { CoreError } from '../errors.js';
import { artMakers } from './art.js';
import { lowresMakers } from './lowres.js';
import { sketchMakers } from './sketch.js';
import type { StyleMakerEntry } from './style-maker.js';

/** Every maker of query pictures, by name. To add one: one file and one line here. */
export const styleMakers: Readonly<Record<string, StyleMakerEntry>> = {
  ...sketchMakers,
  ...artMakers,
  ...lowresMakers,
};

/** A maker that no file of ours defines. */
export class UnknownStyleMakerError extends CoreError {
  constructor(name: string) {
    super(
      'UNKNOWN_STYLE_MAKER',
      `no style maker "${name}"; there are: ${Object.keys(styleMakers).join(', ')}`,
      {
        name,
      },
    );
  }
}

/** The maker of that name. @throws {UnknownStyleMakerError} */
export function styleMaker(name: string): StyleMakerEntry {
  const entry = Object.hasOwn(styleMakers, name) ? styleMakers[name] : undefined;
  if (entry === undefined) throw new UnknownStyleMakerError(name);
  return entry;
}

/** The names of all makers of one style, in a fixed order. */
export const styleMakerNames = (style: StyleMakerEntry['style']): string[] =>
  Object.keys(styleMakers).filter((name) => styleMakers[name]?.style === style);
