import type { SpaceContent } from './space-content.js';

/** What the numbers of a map stand for, in order of their frequency. */
export interface MapNames {
  readonly styles: readonly string[];
  readonly classes: readonly string[];
  readonly splits: readonly string[];
}

/** Names that a list holds at most; the rarest are told as none. */
const MOST_NAMES = 1000;

export function mapNames({ pictures }: SpaceContent): MapNames {
  return {
    styles: commonest(pictures.map(({ style }) => style)),
    classes: commonest(pictures.map(({ className }) => className)),
    splits: commonest(pictures.map(({ split }) => split)),
  };
}

function commonest(values: readonly (string | null)[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(([name]) => name);
}
