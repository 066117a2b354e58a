import { ChartDownloads } from '../ui/chart-downloads';
import type { EvaluationRow } from './evaluation-queries';
import { cellOf, columnsOf, type Level, shortName } from './matrix-data';

type Props = { rows: readonly EvaluationRow[]; metric: string; level: Level };

/** The matrix as a file: figures for a spreadsheet, or the picture. */
export function MatrixDownloads({ rows, metric, level }: Props) {
  if (rows.length === 0) return null;
  const name = `evaluations-${metric.replace('@', '-')}`;
  return (
    <ChartDownloads
      name={name}
      rows={() => asRows(rows, metric, level)}
      svg={() => asSvg(rows, metric, level)}
    />
  );
}

function asRows(rows: readonly EvaluationRow[], metric: string, level: Level): (string | number)[][] {
  const lines = rows.flatMap((row) =>
    columnsOf(rows, level).flatMap((column) => {
      const cell = cellOf(row, column, metric);
      if (cell === null) return [];
      const { value, low, high, queries, tooFew } = cell;
      return [
        [
          row.name,
          row.datasetName,
          row.versionNumber,
          row.gallery ?? '',
          row.protocol,
          column,
          metric,
          queries,
          value,
          low,
          high,
          String(tooFew),
        ],
      ];
    }),
  );
  return [
    [
      'evaluation',
      'dataset',
      'version',
      'gallery',
      'protocol',
      'section',
      'metric',
      'queries',
      'value',
      'ci95_low',
      'ci95_high',
      'too_few',
    ],
    ...lines,
  ];
}

const LEFT = 250;
const COLUMN = 170;
const ROW = 34;

function asSvg(rows: readonly EvaluationRow[], metric: string, level: Level): string {
  const columns = columnsOf(rows, level);
  const [width, height] = [LEFT + columns.length * COLUMN + 10, 60 + rows.length * ROW];
  const text = (x: number, y: number, words: string, size = 12) =>
    `<text x="${x}" y="${y}" font-size="${size}">${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;
  const cells = rows.flatMap((row, i) =>
    columns.flatMap((column, j) => {
      const cell = cellOf(row, column, metric);
      if (cell === null) return [];
      const [left, y] = [LEFT + j * COLUMN, 62 + i * ROW];
      const x = (share: number) => (left + share * 100).toFixed(1);
      return [
        `<path d="M${x(cell.low)} ${y}H${x(cell.high)}" stroke="#2458d3" stroke-width="2"/><circle cx="${x(cell.value)}" cy="${y}" r="3.5" fill="#2458d3"/>`,
        text(left + 108, y + 4, (100 * cell.value).toFixed(1)),
      ];
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif"><rect width="100%" height="100%" fill="#fff"/>`,
    text(8, 20, `${metric}, %, full gallery, 95 % intervals`, 14),
    ...columns.map((column, j) => text(LEFT + j * COLUMN, 42, shortName(column))),
    ...rows.map((row, i) => text(8, 66 + i * ROW, row.name.slice(0, 36))),
    ...cells,
    '</svg>',
  ].join('\n');
}
