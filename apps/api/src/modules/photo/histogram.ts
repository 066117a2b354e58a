/** `from` inclusive, `to` exclusive. */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface ValueCount {
  /** A whole number, not negative. */
  readonly value: number;
  readonly count: number;
}

// What fits a chart on a phone and still shows a shape.
const MOST_BINS = 20;

/** Bins of equal, round width without gaps, at most 20 and the outermost two. The width is fitted to the middle
 *  98 % of the values; the first and the last bin reach to the extremes, so that one huge photo does not squeeze all
 *  others into a single bar.
 *  @param values each different value once, ascending. */
export function niceBins(values: readonly ValueCount[]): HistogramBin[] {
  const [first, last] = [values.at(0), values.at(-1)];
  if (first === undefined || last === undefined) return [];
  const low = quantile(values, 0.01);
  const high = quantile(values, 0.99);
  const width = niceWidth((high - low + 1) / MOST_BINS);
  const start = Math.floor(low / width) * width;
  const inner = Math.floor((high - start) / width) + 1;
  const edges = Array.from({ length: inner + 1 }, (_, i) => start + i * width);
  const floor = Math.floor(first.value / width) * width;
  const ceiling = (Math.floor(last.value / width) + 1) * width;
  if (floor < start) edges.unshift(floor);
  if (ceiling > start + inner * width) edges.push(ceiling);
  return edges.slice(0, -1).map((from, i) => {
    const to = edges[i + 1] ?? ceiling;
    const within = values.filter(({ value }) => value >= from && value < to);
    return { from, to, count: within.reduce((sum, { count }) => sum + count, 0) };
  });
}

/** The least value that has at least this share of all at or below it. */
function quantile(values: readonly ValueCount[], share: number): number {
  const total = values.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { value, count } of values) {
    seen += count;
    if (seen >= share * total) return value;
  }
  return values.at(-1)?.value ?? 0;
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not below `width`. */
function niceWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(width, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= width) ?? power * 10;
}
