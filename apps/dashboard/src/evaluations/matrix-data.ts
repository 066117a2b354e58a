import type { EvaluationRow } from './evaluation-queries';

export type Level = 'PHOTO' | 'CLASS';
type Section = EvaluationRow['sections'][number];

/** Columns of the matrix: styles and pairs at one level, in the order in which they first come. Figures of two levels
 *  never share a table. */
export function columnsOf(rows: readonly EvaluationRow[], level: Level): string[] {
  const names = rows.flatMap(({ sections }) =>
    sections
      .filter((section) => section.kind !== 'CLUSTER' && section.level === level)
      .map(({ name }) => name),
  );
  return [...new Set(names)];
}

/** One cell: a section's figure by a metric, or null where it has none. */
export function cellOf(row: EvaluationRow, column: string, metric: string) {
  const section = sectionOf(row, column);
  const figure = section?.metrics.find(({ name }) => name === metric);
  return section && figure ? { ...figure, tooFew: section.tooFew, queries: section.queries } : null;
}

export const sectionOf = (row: Pick<EvaluationRow, 'sections'>, name: string): Section | undefined =>
  row.sections.find((section) => section.kind !== 'CLUSTER' && section.name === name);

/** `sketch (class)` is told `sketch` where the table says the level anyway. */
export const shortName = (name: string): string => name.replace(/ \(class\)$/, '');
