import { type ClusterData, type MapData, NO_CLUSTER, NO_NAME } from './map-data';

export type ColourBy = 'cluster' | 'style' | 'class' | 'split';

export const COLOUR_BY: readonly { readonly value: ColourBy; readonly label: string }[] = [
  { value: 'cluster', label: 'Cluster' },
  { value: 'style', label: 'Style' },
  { value: 'class', label: 'Class' },
  { value: 'split', label: 'Split' },
];

/** A group of pictures that has a colour on the maps. */
export type LegendEntry = {
  readonly name: string;
  readonly colour: string;
  readonly rows: readonly number[];
};

/** Colours that are told apart in light and dark; clusters bring their own. */
const PALETTE = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#8a7d00',
  '#7b61c9',
  '#b3425a',
  '#4f8a8b',
];
const OTHER = '#8a8a90';

type Named = { readonly name: string; readonly colour: string };
type Names = {
  readonly styles: readonly string[];
  readonly classes: readonly string[];
  readonly splits: readonly string[];
};

/** The groups by which the maps are coloured, largest names first; what has no name, and names past the palette, are one
 *  group of their own. */
export function legendOf(
  by: ColourBy,
  map: MapData,
  { clusters: places }: ClusterData,
  clusters: readonly Named[],
  names: Names,
): LegendEntry[] {
  if (by === 'cluster') {
    return grouped(
      map.count,
      (row) => (places[row] === NO_CLUSTER ? -1 : (places[row] ?? -1)),
      clusters,
      'in no cluster',
    );
  }
  const [values, list] =
    by === 'style'
      ? [map.styles, names.styles]
      : by === 'class'
        ? [map.classes, names.classes]
        : [map.splits, names.splits];
  const shown = list
    .slice(0, PALETTE.length)
    .map((name, at): Named => ({ name, colour: PALETTE[at] ?? OTHER }));
  const rest = list.length > PALETTE.length ? 'others' : `no ${by}`;
  const placeOf = (row: number) => {
    const place = values[row] ?? NO_NAME;
    return place < shown.length ? place : -1;
  };
  return grouped(map.count, placeOf, shown, rest);
}

function grouped(
  count: number,
  placeOf: (row: number) => number,
  named: readonly Named[],
  rest: string,
): LegendEntry[] {
  const rows: number[][] = named.map(() => []);
  const others: number[] = [];
  for (let row = 0; row < count; row++) (rows[placeOf(row)] ?? others).push(row);
  return [
    ...named.map(({ name, colour }, at) => ({ name, colour, rows: rows[at] ?? [] })),
    ...(others.length > 0 ? [{ name: rest, colour: OTHER, rows: others }] : []),
  ];
}

/** Three bytes for each picture. */
export function coloursOf(count: number, legend: readonly LegendEntry[]): Uint8Array {
  const rgb = new Uint8Array(3 * count);
  for (const { colour, rows } of legend) {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
      number,
      number,
      number,
    ];
    for (const row of rows) {
      rgb[3 * row] = r;
      rgb[3 * row + 1] = g;
      rgb[3 * row + 2] = b;
    }
  }
  return rgb;
}
