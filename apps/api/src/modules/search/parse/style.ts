import { ValidationError } from '../../../platform/errors.js';
import type { LeafInput, QueryPartInput } from './query.js';

/** How a picture is read: `auto` by what is seen in it, or as a style of the model; `photo` is the gallery's own way. */
export type PartStyle = { readonly kind: 'auto' } | { readonly kind: 'imposed'; readonly name: string };

/** @param styles what the model knows. @throws {ValidationError} for a style that it does not know. */
export function partStyle(
  { style, styleName }: Pick<QueryPartInput, 'style' | 'styleName'>,
  leaf: LeafInput,
  styles: readonly string[],
  path: readonly string[],
): PartStyle {
  if (styleName !== null && styleName !== undefined) {
    if (style !== null && style !== undefined && style !== 'AUTO') {
      throw ValidationError.at([...path, 'styleName'], 'expected either style or styleName, got both');
    }
    return imposed(styleName, styles, [...path, 'styleName']);
  }
  switch (style ?? 'AUTO') {
    case 'AUTO':
      return leaf.sketch && styles.includes('sketch')
        ? { kind: 'imposed', name: 'sketch' }
        : { kind: 'auto' };
    case 'NONE':
    case 'PHOTO':
      return { kind: 'imposed', name: 'photo' };
    case 'SKETCH':
    case 'ART':
    case 'LOWRES':
      return { kind: 'imposed', name: String(style).toLowerCase() };
  }
}

function imposed(wanted: string, styles: readonly string[], path: readonly string[]): PartStyle {
  const name = styles.find((one) => one.toLowerCase() === wanted.toLowerCase());
  if (name === undefined) {
    throw ValidationError.at(
      path,
      `the live model knows no style "${wanted}"; it knows ${styles.join(', ')}`,
    );
  }
  return { kind: 'imposed', name };
}
