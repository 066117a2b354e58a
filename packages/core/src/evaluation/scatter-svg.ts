import { escapeXml } from '../image/text-cell.js';

/** One point of a map. */
export interface MapPoint {
  readonly x: number;
  readonly y: number;
  readonly category: string;
  /** Shown when the pointer rests on it. */
  readonly title?: string;
}

export interface ScatterOptions {
  readonly title: string;
  /** A line below the title, e.g. the figures that belong to the map. */
  readonly caption?: string;
  /** Side of the plot in pixels. */
  readonly size?: number;
}

/** Okabe and Ito's palette, told apart by colour-blind readers; black is left to the text. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#56b4e9', '#8a8a00', '#7f7f7f'];
/** A shape for each colour, so that nothing is told by colour alone: paths about (0, 0). */
const SHAPES = [
  'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z',
  'M-2.7 -2.7h5.4v5.4h-5.4Z',
  'M0 -3.6L3.4 2.6H-3.4Z',
  'M0 -3.8L3.8 0L0 3.8L-3.8 0Z',
  'M-3 -3L3 3M-3 3L3 -3',
  'M0 3.6L3.4 -2.6H-3.4Z',
  'M-3.5 0H3.5M0 -3.5V3.5',
  'M-3.4 -1.4H3.4V1.4H-3.4Z',
];
const MARGIN = 24;
const LINE = 20;

/** A scatter plot as a stand-alone SVG document: equal scales on both axes, a colour and a shape for each category
 *  (by order of first appearance; they start again after eight), a legend with counts, and titles on the points.
 *  @throws {RangeError} no points, or one that is not finite. */
export function scatterSvg(points: readonly MapPoint[], options: ScatterOptions): string {
  const { title, caption, size = 640 } = options;
  if (points.length === 0 || points.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))) {
    throw new RangeError(`${title}: expected points with finite coordinates.`);
  }
  const categories = [...new Set(points.map(({ category }) => category))];
  const place = fitTo(points, size - 2 * MARGIN);
  const top = MARGIN + LINE * (caption === undefined ? 1 : 2);
  const marks = points.map((point) => {
    const [x, y] = place(point);
    const kind = categories.indexOf(point.category);
    const tip = point.title === undefined ? '' : `<title>${escapeXml(point.title)}</title>`;
    return `<path transform="translate(${(MARGIN + x).toFixed(1)} ${(top + y).toFixed(1)})" ${markOf(kind)}>${tip}</path>`;
  });
  const legendTop = top + size - 2 * MARGIN + LINE;
  const legend = categories.map((category, kind) => {
    const y = legendTop + kind * LINE;
    const count = points.filter((point) => point.category === category).length;
    return `<path transform="translate(${MARGIN + 4} ${y - 4})" ${markOf(kind)}/><text x="${MARGIN + 16}" y="${y}">${escapeXml(category)} (${count})</text>`;
  });
  const height = legendTop + categories.length * LINE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${height}" viewBox="0 0 ${size} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="${MARGIN}" font-size="15" font-weight="600">${escapeXml(title)}</text>`,
    ...(caption === undefined
      ? []
      : [`<text x="${MARGIN}" y="${MARGIN + LINE}" fill="#555555">${escapeXml(caption)}</text>`]),
    `<g fill-opacity="0.65">${marks.join('')}</g>`,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function markOf(kind: number): string {
  const colour = COLOURS[kind % COLOURS.length] ?? '#000000';
  const shape = SHAPES[kind % SHAPES.length] ?? '';
  // Crosses have no inside.
  return shape.endsWith('Z')
    ? `d="${shape}" fill="${colour}"`
    : `d="${shape}" fill="none" stroke="${colour}" stroke-width="1.4"`;
}

function fitTo(points: readonly MapPoint[], size: number): (point: MapPoint) => readonly [number, number] {
  const bounds = (values: number[]) =>
    values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)] as const, [
      Infinity,
      -Infinity,
    ] as readonly [number, number]);
  const [left, right] = bounds(points.map(({ x }) => x));
  const [bottom, top] = bounds(points.map(({ y }) => y));
  const span = Math.max(right - left, top - bottom) || 1;
  const [offsetX, offsetY] = [(span - (right - left)) / 2, (span - (top - bottom)) / 2];
  // SVG's y grows downwards.
  return ({ x, y }) => [((x - left + offsetX) / span) * size, ((top - y + offsetY) / span) * size];
}
