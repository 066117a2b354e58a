import type { ParameterMap } from '../nn/parameters.js';

export interface ParameterCount {
  readonly trained: number;
  readonly frozen: number;
  /** Trained weights as a share of the tower's own: style network and backbone, and the text tower where it has
   *  prompts too. */
  readonly share: number;
}

/** How many numbers of a query tower train and how many are frozen. Frozen weights that the method replaced by a
 *  copy of its own do not run and are not counted. */
export function countParameters(weights: ParameterMap): ParameterCount {
  let trained = 0;
  let frozen = 0;
  const withText = [...weights.keys()].some((name) => name.startsWith('query.text.'));
  const runs = (name: string): boolean =>
    name.startsWith('style.') ||
    (withText && name.startsWith('text.')) ||
    (name.startsWith('image.') && !weights.has(`query.${name}`));
  for (const [name, { data }] of weights) {
    if (name.startsWith('query.')) trained += data.length;
    else if (runs(name)) frozen += data.length;
  }
  return { trained, frozen, share: trained / (trained + frozen) };
}
