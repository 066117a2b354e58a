import { InvalidArgumentError } from 'commander';

/** A whole number of at least `least`, for commander's option parser. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`expected a whole number of ${least} or more.`);
  };
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
