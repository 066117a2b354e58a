import { createRandom } from '../random.js';
import { applyPca, fitPca } from '../style-space/pca.js';
import { embeddingMap } from './embedding-map.js';
import { type EmbeddingMatrix, matrixRow } from './embedding-matrix.js';

export interface LargeMapOptions {
  readonly seed?: number;
  /** Vectors that UMAP itself lays out; the others are placed among them. */
  readonly sample?: number;
  readonly signal?: AbortSignal;
  /** Awaited between batches: it lets messages in. */
  readonly onProgress?: (done: number, total: number) => Promise<void>;
}

const SAMPLE = 2500;
/** Directions that are kept before anything is compared. */
const KEPT = 24;
/** Of the sample, the nearest that a vector is placed among. */
const NEAREST = 4;
/** Fewer than this have no neighbourhoods to keep. */
const FEW = 40;
const BATCH = 500;

/** Lays many vectors out in the plane: principal components, UMAP on a sample drawn by seed, and every other vector at the
 *  mean of its nearest ones in the sample, the nearer the heavier. Places are scaled into [−1, 1]. The same seed gives the
 *  same map. Few vectors are laid out by their first two components.
 *  @returns x and y of each row, interleaved, `[2·rows]`. */
export async function largeMap(
  vectors: EmbeddingMatrix,
  options: LargeMapOptions = {},
): Promise<Float32Array> {
  const { seed = 0, sample: most = SAMPLE, signal, onProgress } = options;
  const { rows } = vectors;
  const chosen = createRandom(`map ${seed}`)
    .shuffle([...Array(rows).keys()])
    .slice(0, most)
    .sort((a, b) => a - b);
  const reduced = await reduceAll(vectors, chosen, seed, signal, onProgress);
  if (reduced === null) return new Float32Array(2 * rows);
  const few = rows < FEW;
  const drawn = pick(reduced, chosen);
  const laid = embeddingMap(drawn, few ? 'pca' : 'umap', seed);
  const places = new Float32Array(2 * rows);
  for (const [i, row] of chosen.entries()) places.set(laid[i] ?? [0, 0], 2 * row);
  const known = new Uint8Array(rows);
  for (const row of chosen) known[row] = 1;
  for (let row = 0; row < rows; row++) {
    if (row % BATCH === 0) {
      signal?.throwIfAborted();
      await onProgress?.(rows + row, 2 * rows);
    }
    if (known[row] !== 1) places.set(placeAmong(reduced, row, drawn, laid), 2 * row);
  }
  return intoSquare(places);
}

/** Null where all vectors are one. */
async function reduceAll(
  vectors: EmbeddingMatrix,
  chosen: readonly number[],
  seed: number,
  signal?: AbortSignal,
  onProgress?: LargeMapOptions['onProgress'],
): Promise<EmbeddingMatrix | null> {
  const { rows } = vectors;
  const drawn = pick(vectors, chosen);
  const first = matrixRow(drawn, 0);
  if (rows < 3 || drawn.data.every((value, at) => value === first[at % vectors.dimensions])) return null;
  const pca = fitPca({ data: drawn.data, rows: drawn.rows, columns: drawn.dimensions }, KEPT, seed);
  const data = new Float32Array(rows * pca.size);
  for (let row = 0; row < rows; row++) {
    if (row % BATCH === 0) {
      signal?.throwIfAborted();
      await onProgress?.(row, 2 * rows);
    }
    data.set(applyPca(pca, matrixRow(vectors, row)), row * pca.size);
  }
  return { data, rows, dimensions: pca.size };
}

function pick(vectors: EmbeddingMatrix, chosen: readonly number[]): EmbeddingMatrix {
  const data = new Float32Array(chosen.length * vectors.dimensions);
  for (const [to, from] of chosen.entries()) data.set(matrixRow(vectors, from), to * vectors.dimensions);
  return { data, rows: chosen.length, dimensions: vectors.dimensions };
}

function placeAmong(
  reduced: EmbeddingMatrix,
  row: number,
  drawn: EmbeddingMatrix,
  laid: readonly (readonly [number, number])[],
): [number, number] {
  const nearest: { at: number; distance: number }[] = [];
  const { dimensions, data } = reduced;
  const from = row * dimensions;
  for (let at = 0; at < drawn.rows; at++) {
    const farthest = nearest.length < NEAREST ? Number.POSITIVE_INFINITY : (nearest.at(-1)?.distance ?? 0);
    const base = at * dimensions;
    let distance = 0;
    for (let d = 0; d < dimensions && distance < farthest; d++)
      distance += ((data[from + d] as number) - (drawn.data[base + d] as number)) ** 2;
    if (distance >= farthest) continue;
    const place = nearest.findIndex((one) => one.distance > distance);
    nearest.splice(place < 0 ? nearest.length : place, 0, { at, distance });
    if (nearest.length > NEAREST) nearest.pop();
  }
  let [x, y, total] = [0, 0, 0];
  for (const { at, distance } of nearest) {
    const weight = 1 / (distance + 1e-9);
    x += weight * (laid[at]?.[0] ?? 0);
    y += weight * (laid[at]?.[1] ?? 0);
    total += weight;
  }
  return [x / total, y / total];
}

/** One scale for both axes, so that nothing is stretched. */
function intoSquare(places: Float32Array): Float32Array {
  const middle = [0, 1].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = axis; at < places.length; at += 2) {
      low = Math.min(low, places[at] as number);
      high = Math.max(high, places[at] as number);
    }
    return { centre: (low + high) / 2, half: (high - low) / 2 };
  });
  const half = Math.max(middle[0]?.half ?? 0, middle[1]?.half ?? 0) || 1;
  return places.map((value, at) => (value - (middle[at % 2]?.centre ?? 0)) / half);
}
