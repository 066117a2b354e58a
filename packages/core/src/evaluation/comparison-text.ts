import { type Comparison, MEAN, type RunsComparison } from './compare-runs.js';
import { isTold } from './tie-groups.js';

const points = (share: number): string => (100 * share).toFixed(1);

/** What a comparison says of two runs by one metric, in plain words: what is better by how much, then where nothing can
 *  be told. */
export function comparisonSentence(comparisons: readonly Comparison[]): string {
  const [first] = comparisons;
  if (first === undefined) return 'Nothing was compared.';
  const styles = comparisons.filter(({ section }) => section !== MEAN);
  const [few, enough] = split(styles, ({ tooFew, identical }) => tooFew && !identical);
  const [told, open] = split(enough, isTold);
  const [same, unclear] = split(open, ({ identical }) => identical);
  const clauses = [
    ...betterClause(
      first.b,
      first.a,
      told.filter(({ value }) => value > 0),
      1,
    ),
    ...betterClause(
      first.a,
      first.b,
      told.filter(({ value }) => value < 0),
      -1,
    ),
    ...(unclear.length > 0 ? [`on ${list(unclear)} no difference can be told`] : []),
    ...(same.length > 0 ? [`on ${list(same)} both answer every query alike`] : []),
    ...(few.length > 0 ? [`on ${list(few)} there are too few queries to say`] : []),
  ];
  const text = `${clauses.join('; ')}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function betterClause(better: string, worse: string, told: readonly Comparison[], sign: 1 | -1): string[] {
  if (told.length === 0) return [];
  const parts = told.map(({ section, value, ci95: [low, high] }) => {
    const [from, to] = sign === 1 ? [low, high] : [-high, -low];
    return `on ${section} by ${points(sign * value)} points [${points(from)}, ${points(to)}]`;
  });
  return [`${better} is better than ${worse} ${joined(parts)}`];
}

const list = (comparisons: readonly Comparison[]): string =>
  joined(comparisons.map(({ section }) => section));

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

function split<Item>(items: readonly Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** A terminal's table of every comparison, with the sentence for each pair first. */
export function textComparison({ runs, comparisons, groups, mean, notes }: RunsComparison): string {
  const metric = comparisons[0]?.metric ?? '';
  const pairs = [...new Set(comparisons.map(({ a, b }) => JSON.stringify([a, b])))];
  const sentences = pairs.map((pair) =>
    comparisonSentence(
      comparisons.filter((one) => JSON.stringify([one.a, one.b]) === pair && one.metric === metric),
    ),
  );
  const header = [
    'queries',
    'metric',
    'A',
    'B',
    'n',
    'of A',
    'of B',
    'B − A [95 %]',
    'p',
    'p (Holm)',
    'won',
    'lost',
  ];
  const rows = comparisons.map((c) => [
    c.section,
    c.metric,
    c.a,
    c.b,
    String(c.queries),
    c.valueA.toFixed(4),
    c.valueB.toFixed(4),
    `${signed(c.value)} [${signed(c.ci95[0])}, ${signed(c.ci95[1])}]${c.tooFew ? ' too few' : ''}`,
    c.p.toFixed(4),
    c.pHolm === null ? 'alike' : `${c.pHolm.toFixed(4)}${isTold(c) ? ' *' : ''}`,
    String(c.won.length),
    String(c.lost.length),
  ]);
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => (i < 4 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    ...sentences.map((sentence) => `${metric}: ${sentence}`),
    '',
    ...runs.map(({ name, model, seeds }) => `${name}: ${model}${seeds > 1 ? `, ${seeds} seeds` : ''}`),
    `Paired by query, targets are the units; * p < 0.05 after Holm's correction over every question asked.${
      mean === null
        ? ''
        : ` Mean: over ${mean.styles.join(', ')}, all at ${mean.level === 'instance' ? 'photo' : 'class'} level.`
    }`,
    '',
    line(header),
    ...rows.map(line),
    '',
    ...(runs.length > 2
      ? groups.map(
          (one) =>
            `${one.section}, ${one.metric}: ${one.groups.map((group) => group.join(' = ')).join(' > ')}`,
        )
      : []),
    ...notes,
  ].join('\n');
}

const signed = (value: number): string => (value < 0 ? '' : '+') + value.toFixed(4);
