import {
  assignPictures,
  type CuratedCluster,
  type CuratedStyles,
  centreOf,
  rowsOf,
} from './curated-styles.js';
import { type FeatureMatrix, pickFeatureRows } from './feature-matrix.js';
import { clusterColour } from './fit-curated.js';
import { kMeans } from './kmeans.js';
import { StyleSpaceError } from './style-space-error.js';

/** One step of a curator. Clusters are named by their keys, pictures by their rows. */
export type StyleEdit =
  | { readonly kind: 'rename'; readonly cluster: string; readonly name: string }
  | { readonly kind: 'recolour'; readonly cluster: string; readonly colour: string }
  | { readonly kind: 'merge'; readonly clusters: readonly string[]; readonly name: string }
  | { readonly kind: 'split'; readonly cluster: string; readonly into: number; readonly seed: number }
  | { readonly kind: 'pin'; readonly cluster: string; readonly rows: readonly number[] }
  | { readonly kind: 'unpin'; readonly rows: readonly number[] }
  | { readonly kind: 'move'; readonly cluster: string | null; readonly rows: readonly number[] };

type EditOf<Kind extends StyleEdit['kind']> = Extract<StyleEdit, { readonly kind: Kind }>;
type Apply<Kind extends StyleEdit['kind']> = (
  styles: CuratedStyles,
  edit: EditOf<Kind>,
  features: FeatureMatrix,
) => CuratedStyles;

/** Applies one step. Centres that it touches are measured anew; then every picture that no curator put somewhere goes to
 *  its nearest centre. Nothing else moves a centre, so the same steps give the same space.
 *  @throws {StyleSpaceError} `STYLE_EDIT_INVALID`, in words, where the step cannot be done. */
export function editStyles(styles: CuratedStyles, edit: StyleEdit, features: FeatureMatrix): CuratedStyles {
  const apply = STEPS[edit.kind] as Apply<StyleEdit['kind']>;
  return apply(styles, edit, features);
}

const STEPS: { readonly [Kind in StyleEdit['kind']]: Apply<Kind> } = {
  rename: (styles, { cluster, name }) => {
    const index = indexOf(styles, cluster);
    const taken = styles.clusters.some((one, i) => i !== index && one.name === name);
    if (taken) throw refused(`there is a cluster "${name}" already; merge the two, or take another name`);
    return withCluster(styles, index, { name });
  },
  recolour: (styles, { cluster, colour }) => withCluster(styles, indexOf(styles, cluster), { colour }),
  merge,
  split,
  pin: (styles, { cluster, rows }, features) => {
    const index = indexOf(styles, cluster);
    const moved = hold(unpinned(styles, rows), rows, index);
    const pinned = [...(moved.clusters[index]?.pinned ?? []), ...rows];
    return settle(withCluster(moved, index, { pinned }), features, touchedBy(styles, rows, index));
  },
  unpin: (styles, { rows }, features) => {
    const freed = unpinned(styles, rows);
    const held = freed.held.slice();
    for (const row of rows) held[row] = 0;
    return settle({ ...freed, held }, features, touchedBy(styles, rows));
  },
  move: (styles, { cluster, rows }, features) => {
    const index = cluster === null ? -1 : indexOf(styles, cluster);
    const moved = hold(unpinned(styles, rows), rows, index);
    return settle(moved, features, touchedBy(styles, rows, index));
  },
};

function merge(styles: CuratedStyles, edit: EditOf<'merge'>, features: FeatureMatrix): CuratedStyles {
  const indices = [...new Set(edit.clusters.map((key) => indexOf(styles, key)))].sort((a, b) => a - b);
  const [first] = indices;
  if (first === undefined || indices.length < 2) throw refused('a merge needs at least two clusters');
  const gone = new Set(indices);
  const parts = indices.flatMap((index) => styles.clusters[index] ?? []);
  const clusters = styles.clusters.flatMap((one, index): CuratedCluster[] => {
    if (index === first) {
      const pinned = parts.flatMap((part) => part.pinned);
      return [{ ...one, key: `c${styles.nextKey}`, name: edit.name, pinned }];
    }
    return gone.has(index) ? [] : [one];
  });
  const taken = clusters.filter((one) => one.name === edit.name).length > 1;
  if (taken) throw refused(`another cluster is called "${edit.name}"; merge it too, or take another name`);
  const place = styles.clusters.map((one, index) =>
    clusters.findIndex((other) =>
      gone.has(index) ? other.key === `c${styles.nextKey}` : other.key === one.key,
    ),
  );
  const labels = styles.labels.map((label) => place[label] ?? -1);
  return settle({ ...styles, clusters, labels, nextKey: styles.nextKey + 1 }, features, [place[first] ?? 0]);
}

function split(styles: CuratedStyles, edit: EditOf<'split'>, features: FeatureMatrix): CuratedStyles {
  const index = indexOf(styles, edit.cluster);
  const source = styles.clusters[index] as CuratedCluster;
  const rows = rowsOf(styles.labels, index);
  if (rows.length < edit.into || edit.into < 2) {
    throw refused(
      `"${source.name}" has ${rows.length} pictures; it can be split into 2 to ${rows.length} clusters, ${edit.into} were asked for`,
    );
  }
  const found = kMeans(pickFeatureRows(features, rows), edit.into, { seed: `split ${edit.seed}` });
  const sizes = Array.from(
    { length: edit.into },
    (_, part) => found.labels.filter((one) => one === part).length,
  );
  const order = sizes.map((_, part) => part).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const partOf = new Map(rows.map((row, i) => [row, order.indexOf(found.labels[i] ?? 0)]));
  const names = new Set(styles.clusters.map(({ name }) => name));
  const parts = order.map((_, part): CuratedCluster => {
    const name = part === 0 ? source.name : freeName(names, source.name);
    const number = styles.clusters.length + part - 1;
    return {
      ...source,
      key: `c${styles.nextKey + part}`,
      name,
      colour: part === 0 ? source.colour : freeColour(styles, number),
      pinned: source.pinned.filter((row) => partOf.get(row) === part),
    };
  });
  const clusters = [...styles.clusters.slice(0, index), ...parts, ...styles.clusters.slice(index + 1)];
  const labels = styles.labels.map((label, row) =>
    label < index ? label : label > index ? label + edit.into - 1 : index + (partOf.get(row) ?? 0),
  );
  const touched = parts.map((_, part) => index + part);
  return settle({ ...styles, clusters, labels, nextKey: styles.nextKey + edit.into }, features, touched);
}

/** `art` → `art 2`, the first number that is free: whatever reads clusters as styles still reads both as `art`. */
function freeName(names: Set<string>, name: string): string {
  const stem = name.replace(/ \d+$/, '');
  let number = 2;
  while (names.has(`${stem} ${number}`)) number++;
  names.add(`${stem} ${number}`);
  return `${stem} ${number}`;
}

function freeColour({ clusters }: CuratedStyles, from: number): string {
  const taken = new Set(clusters.map(({ colour }) => colour));
  for (let i = 0; i < 12; i++) if (!taken.has(clusterColour(from + i))) return clusterColour(from + i);
  return clusterColour(from);
}

/** Measures the centres that were touched, and puts every free picture into its nearest cluster. */
function settle(styles: CuratedStyles, features: FeatureMatrix, touched: readonly number[]): CuratedStyles {
  const clusters = styles.clusters.map((one, index) => {
    if (!touched.includes(index)) return one;
    const centre = centreOf(features, rowsOf(styles.labels, index), one.pinned);
    if (centre === null)
      throw refused(`"${one.name}" would be left without a picture; merge it with another cluster instead`);
    return { ...one, centre };
  });
  return { ...styles, clusters, ...assignPictures(features, clusters, styles.labels, styles.held) };
}

/** Clusters that some pictures leave or enter. */
function touchedBy({ labels }: CuratedStyles, rows: readonly number[], to = -1): number[] {
  const touched = new Set([...rows.map((row) => labels[row] ?? -1), to]);
  touched.delete(-1);
  return [...touched];
}

function hold(styles: CuratedStyles, rows: readonly number[], cluster: number): CuratedStyles {
  const [labels, held] = [styles.labels.slice(), styles.held.slice()];
  for (const row of rows) {
    labels[row] = cluster;
    held[row] = 1;
  }
  return { ...styles, labels, held };
}

function unpinned(styles: CuratedStyles, rows: readonly number[]): CuratedStyles {
  const wrong = rows.find((row) => !(row >= 0 && row < styles.labels.length));
  if (wrong !== undefined) throw refused(`there is no picture ${wrong} in this space`);
  const freed = new Set(rows);
  const clusters = styles.clusters.map((one) => ({
    ...one,
    pinned: one.pinned.filter((row) => !freed.has(row)),
  }));
  return { ...styles, clusters };
}

function withCluster(styles: CuratedStyles, index: number, change: Partial<CuratedCluster>): CuratedStyles {
  const clusters = styles.clusters.map((one, i) => (i === index ? { ...one, ...change } : one));
  return { ...styles, clusters };
}

function indexOf({ clusters }: CuratedStyles, key: string): number {
  const index = clusters.findIndex((one) => one.key === key);
  if (index < 0) throw refused('that cluster is not there any more');
  return index;
}

const refused = (why: string) => new StyleSpaceError('STYLE_EDIT_INVALID', `This cannot be done: ${why}.`);
