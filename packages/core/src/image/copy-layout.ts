import { type CopySignature, SIGNATURE_SIDE } from './copy-signature.js';

/** Cells a side of a layout. */
const GRID = 6;
/** Length of a layout. */
export const LAYOUT_LENGTH = GRID * GRID;
// Cut by a tenth, a photo keeps its own among the eight nearest layouts in 95 of 100 cases, unshifted in all.
const NEAREST = 8;

/** Light and dark of a photo on 6 × 6 cells, mean 0, length 1: a change of light, colour or quality leaves it where it
 *  is, and a cut moves it a little. Zeros for a photo without structure. */
export function copyLayout({ luma }: CopySignature, mirrored = false): Float32Array {
  const cell = SIGNATURE_SIDE / GRID;
  const layout = new Float32Array(LAYOUT_LENGTH);
  for (let i = 0; i < luma.length; i++) {
    const x = i % SIGNATURE_SIDE;
    const y = (i - x) / SIGNATURE_SIDE;
    const column = Math.floor((mirrored ? SIGNATURE_SIDE - 1 - x : x) / cell);
    const at = Math.floor(y / cell) * GRID + column;
    layout[at] = (layout[at] as number) + (luma[i] as number);
  }
  const mean = layout.reduce((sum, value) => sum + value, 0) / LAYOUT_LENGTH;
  const length = Math.sqrt(layout.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return layout.map((value) => (length > 1 ? (value - mean) / length : 0));
}

/** For each photo those whose layout is nearest to its own, as it is or mirrored: pairs that may be copies. Compares
 *  all with all, 36 products twice for each pair: some seconds for 6,000 photos.
 *  @yields after each photo, so that the caller may pause; at most eight places of others. */
export function* nearestLayouts(signatures: readonly CopySignature[]): Generator<readonly number[]> {
  const count = signatures.length;
  const all = new Float32Array(count * LAYOUT_LENGTH);
  signatures.forEach((signature, i) => {
    all.set(copyLayout(signature), i * LAYOUT_LENGTH);
  });
  for (const [i, signature] of signatures.entries()) {
    const best = createBest();
    const own = all.subarray(i * LAYOUT_LENGTH, (i + 1) * LAYOUT_LENGTH);
    const turned = copyLayout(signature, true);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      let straight = 0;
      let mirrored = 0;
      for (let k = 0, at = j * LAYOUT_LENGTH; k < LAYOUT_LENGTH; k++, at++) {
        const value = all[at] as number;
        straight += value * (own[k] as number);
        mirrored += value * (turned[k] as number);
      }
      best.offer(j, Math.max(straight, mirrored));
    }
    yield best.places;
  }
}

/** The best few of many, kept in order. */
function createBest() {
  const places: number[] = [];
  const scores: number[] = [];
  return {
    places,
    offer(place: number, score: number): void {
      if (places.length === NEAREST && score <= (scores[NEAREST - 1] as number)) return;
      let at = scores.length;
      while (at > 0 && (scores[at - 1] as number) < score) at--;
      scores.splice(at, 0, score);
      places.splice(at, 0, place);
      if (places.length > NEAREST) {
        places.pop();
        scores.pop();
      }
    },
  };
}
