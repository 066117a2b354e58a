import { escapeXml } from '../image/text-cell.js';

/** One row of a panel; a mark without a value leaves its row empty. */
export interface IntervalMark {
  readonly name: string;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

export interface IntervalPanel {
  readonly title: string;
  /** The same names in the same order in every panel. */
  readonly marks: readonly IntervalMark[];
}

const ROW = 22;
const PANEL = 170;
const GAP = 18;
const TOP = 64;
const CHARACTER = 7;

/** Dots with intervals, a panel beside the other, all panels on their own scale that starts where the data does: for
 *  comparing runs within a panel. Values are written beside the dots, so the plot can be read without its axis.
 *  @throws {RangeError} no panels, or panels of different lengths. */
export function intervalPlotSvg(
  panels: readonly IntervalPanel[],
  options: { readonly title: string },
): string {
  const names = panels[0]?.marks.map(({ name }) => name) ?? [];
  if (names.length === 0 || panels.some(({ marks }) => marks.length !== names.length)) {
    throw new RangeError(`${options.title}: expected panels with the same rows.`);
  }
  const labels = 16 + CHARACTER * Math.max(...names.map((name) => name.length));
  const width = labels + panels.length * (PANEL + GAP);
  const height = TOP + names.length * ROW + 30;
  const rows = names.map((name, row) => {
    const y = TOP + row * ROW;
    const stripe =
      row % 2 === 0 ? `<rect x="0" y="${y - 15}" width="${width}" height="${ROW}" fill="#f4f4f4"/>` : '';
    return `${stripe}<text x="8" y="${y}">${escapeXml(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escapeXml(options.title)}">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="8" y="22" font-size="15" font-weight="600">${escapeXml(options.title)}</text>`,
    ...rows,
    ...panels.map((panel, i) => drawPanel(panel, labels + i * (PANEL + GAP))),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, marks }: IntervalPanel, left: number): string {
  const ends = marks.flatMap(({ low, high }) => (low === undefined || high === undefined ? [] : [low, high]));
  const [from, to] = [Math.min(...ends, Infinity), Math.max(...ends, -Infinity)];
  // A little air, and never a scale of width 0.
  const pad = Math.max((to - from) * 0.08, 0.5);
  const inner = PANEL - 44;
  const x = (value: number) => (left + ((value - from + pad) / (to - from + 2 * pad)) * inner).toFixed(1);
  const dots = marks.flatMap(({ value, low, high }, row) => {
    if (value === undefined || low === undefined || high === undefined) return [];
    const y = TOP + row * ROW - 4;
    return [
      `<path d="M${x(low)} ${y}H${x(high)}" stroke="#0072b2" stroke-width="2"/><circle cx="${x(value)}" cy="${y}" r="3.5" fill="#0072b2"/>`,
      `<text x="${left + inner + 4}" y="${y + 4}" fill="#333333">${value.toFixed(1)}</text>`,
    ];
  });
  const bottom = TOP + marks.length * ROW - 6;
  const axis =
    ends.length === 0
      ? ''
      : `<text x="${left}" y="${bottom + 16}" fill="#555555" font-size="10">${from.toFixed(1)} – ${to.toFixed(1)}</text>`;
  return `<text x="${left}" y="44" font-weight="600">${escapeXml(title)}</text>${dots.join('')}${axis}`;
}
