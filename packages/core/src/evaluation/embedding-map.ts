import { UMAP } from 'umap-js';
import { createRandom } from '../random.js';
import { applyPca, fitPca } from '../style-space/pca.js';
import { type EmbeddingMatrix, EvaluationError, matrixRow } from './embedding-matrix.js';

/** Places in the plane, one for each row. */
export type MapPlaces = readonly (readonly [number, number])[];

export type MapMethod = 'pca' | 'umap';

/** Neighbours that UMAP keeps together: its authors' default. */
const NEIGHBOURS = 15;

/** Lays vectors out in the plane. `pca`: the two directions of largest variance; distances are comparable, most structure
 *  is lost. `umap` (McInnes, Healy and Melville 2018): keeps neighbours together; distances between groups mean little.
 *  The same seed gives the same map.
 *  @throws {EvaluationError} fewer than 3 vectors; for `umap`, not more than its 15 neighbours. */
export function embeddingMap(vectors: EmbeddingMatrix, method: MapMethod, seed = 0): MapPlaces {
  const least = method === 'umap' ? NEIGHBOURS + 1 : 3;
  if (vectors.rows < least) {
    throw new EvaluationError(
      'EVALUATION_MAP',
      `A map by ${method} needs at least ${least} vectors, got ${vectors.rows}.`,
    );
  }
  return method === 'pca' ? pcaMap(vectors, seed) : umapMap(vectors, seed);
}

function pcaMap(vectors: EmbeddingMatrix, seed: number): MapPlaces {
  const { data, rows, dimensions } = vectors;
  const pca = fitPca({ data, rows, columns: dimensions }, 2, seed);
  return Array.from({ length: rows }, (_, row) => {
    const [x = 0, y = 0] = applyPca(pca, matrixRow(vectors, row));
    return [x, y] as const;
  });
}

function umapMap(vectors: EmbeddingMatrix, seed: number): MapPlaces {
  const random = createRandom(`umap ${seed}`);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: NEIGHBOURS,
    minDist: 0.1,
    random: () => random.uniform(),
  });
  const rows = Array.from({ length: vectors.rows }, (_, row) => [...matrixRow(vectors, row)]);
  return umap.fit(rows).map(([x = 0, y = 0]) => [x, y] as const);
}
