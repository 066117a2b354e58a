import { styleOfCluster } from '../../../freestyle/style-of-cluster.js';
import { toUnitLength } from '../../../style-space/feature-matrix.js';

/** Queries of one style with the style weights that the tower saw in each. */
export interface StyleVectors {
  readonly style: string;
  /** Unit rows by the tower, not centred. */
  readonly vectors: readonly Float32Array[];
  /** Weights over the clusters, one row a query. */
  readonly weights: readonly Float32Array[];
  /** Photos that count as found, by query. */
  readonly right: readonly (readonly number[])[];
}

/** The whole mean too: where all sketches lie at 0.98 of one place, only what is left of them tells them apart. */
const SHARES = [0, 0.25, 0.5, 0.75, 0.9, 1] as const;

/** How much of each style's mean query vector is taken off a query of that style. An unsure tower sends all sketches
 *  close to one place, and the few photos next to it come first for each; without that common part what is peculiar
 *  to the query decides (centring against hubs: Suzuki et al. 2013). The share is what finds most on held data, the
 *  smallest of equals, so that a style that is found well keeps its vectors as they are.
 *  @param clusters names of the style clusters, "sketch 2" being one of sketches.
 *  @returns `[clusters, width]`: what {@link centre} takes off, by cluster; zeros where nothing is. */
export function chooseCentring(
  styles: readonly StyleVectors[],
  clusters: readonly string[],
  gallery: Float32Array,
  width: number,
): Float32Array {
  const rows = new Float32Array(clusters.length * width);
  for (const entry of styles) {
    const members = clusters.flatMap((name, index) => (styleOfCluster(name) === entry.style ? [index] : []));
    if (members.length === 0 || entry.vectors.length === 0) continue;
    const mean = meanOf(entry.vectors, width);
    const offset = (share: number): Float32Array => {
      const out = rows.slice();
      for (const index of members)
        out.set(
          mean.map((x) => share * x),
          index * width,
        );
      return out;
    };
    let best = { share: 0, found: -1 };
    for (const share of SHARES) {
      const found = hits(entry, offset(share), gallery);
      if (found > best.found) best = { share, found };
    }
    rows.set(offset(best.share));
  }
  return rows;
}

/** `(v − Σ_k w_k c_k)` at unit length. @param rows `[clusters, width]`, as {@link chooseCentring} gives them. */
export function centre(vector: Float32Array, weights: Float32Array, rows: Float32Array): Float32Array {
  const out = vector.slice();
  weights.forEach((weight, cluster) => {
    const start = cluster * vector.length;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) - weight * (rows[start + i] as number);
  });
  return toUnitLength(out);
}

function meanOf(vectors: readonly Float32Array[], width: number): Float32Array {
  const mean = new Float32Array(width);
  for (const vector of vectors) {
    for (let i = 0; i < width; i++) mean[i] = (mean[i] as number) + (vector[i] as number) / vectors.length;
  }
  return mean;
}

/** Queries whose nearest photo is right. */
function hits({ vectors, weights, right }: StyleVectors, rows: Float32Array, gallery: Float32Array): number {
  return vectors.filter((vector, index) => {
    const query = centre(vector, weights[index] ?? new Float32Array(), rows);
    return right[index]?.includes(nearest(query, gallery)) ?? false;
  }).length;
}

/** Index of the photo with the largest dot product. */
export function nearest(vector: Float32Array, gallery: Float32Array): number {
  const width = vector.length;
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let photo = 0; photo * width < gallery.length; photo++) {
    let sum = 0;
    const at = photo * width;
    for (let i = 0; i < width; i++) sum += (vector[i] as number) * (gallery[at + i] as number);
    if (sum > most) {
      most = sum;
      best = photo;
    }
  }
  return best;
}
