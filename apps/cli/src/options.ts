import { InvalidArgumentError } from 'commander';

/** A whole number from `least` to `most`, for commander's option parser. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`expected a whole number ${range}.`);
  };
}

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number above 0, with a point for its decimals such as 0.003.');
}

/** A number of 0 or more. */
export function nonNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('expected a number of 0 or more.');
}

/** Names separated by commas; empty ones are refused. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('expected names separated by commas.');
}

/** Pairs of styles: `text+sketch,text+art`. */
export function stylePairs(text: string): (readonly [string, string])[] {
  return nameList(text).map((pair) => {
    const [first, second, ...more] = pair.split('+').map((name) => name.trim());
    if (first && second && more.length === 0) return [first, second] as const;
    throw new InvalidArgumentError('expected pairs of styles such as text+sketch,text+art.');
  });
}

/** Makers by style: `lowres=lowres-mosaic-32,art=art-brush`. */
export function makerNames(text: string): Record<string, string> {
  return Object.fromEntries(
    nameList(text).map((pair) => {
      const [style, maker, ...more] = pair.split('=').map((name) => name.trim());
      if (style && maker && more.length === 0) return [style, maker];
      throw new InvalidArgumentError('expected STYLE=MAKER pairs such as lowres=lowres-mosaic-32.');
    }),
  );
}

/** A number from 0 to 1. */
export function shareOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('expected a number from 0 to 1.');
}
