import { resizeMatrix } from '../../image/crop-resize.js';
import { constant, type Graph, type Tensor } from '../../onnx/graph.js';
import {
  add,
  concat,
  div,
  fusedMatMul,
  matMul,
  mul,
  reduceMean,
  relu,
  sqrt,
  sub,
} from '../../onnx/ops/index.js';

export interface OutlineShape {
  /** Cells on a side over which edges are counted. */
  readonly cells: number;
  /** Directions that are told apart, of lines without an arrow. */
  readonly directions: number;
}

/** Numbers of one picture's outlines. */
export const outlineNumbers = ({ cells, directions }: OutlineShape): number => directions * cells ** 2;

/** In pixels of the halved picture: what is finer than a line is smoothed away. */
const BLUR = 1.25;
/** Half the edge of the square within which an edge is compared with those around it: a faint outline on plain ground
 *  then counts as much as a bold one, and the many edges of grass count little. */
const AROUND = 7;
/** Added to what lies around, in grey levels of 0 to 1: noise on plain ground stays small. */
const QUIET = 0.02;
const TINY = 1e-8;

/** Where edges run and how: histograms of directions over cells, after Dalal & Triggs 2005, with every edge measured
 *  against its surroundings. A line drawing and a photo agree in them where the drawing keeps the photo's places, which
 *  no training has to teach.
 *  @param planes float32 `[batch, 3, size, size]`, 0 to 255. @returns `[batch, directions, cells, cells]`. */
export function outlines(planes: Tensor, size: number, { cells, directions }: OutlineShape): Tensor {
  const { graph } = planes;
  const half = size / 2;
  const grey = div(reduceMean(planes, { axes: [1], keepDims: true }), 255);
  const smooth = product(blurMatrix(half), resizeBy(size, half), half, half, size);
  const across = constant(graph, product(stencil(half, [-1, 0, 1]), smooth, half, half, size), [half, size]);
  const along = constant(graph, product(stencil(half, [0.25, 0.5, 0.25]), smooth, half, half, size), [
    half,
    size,
  ]);
  const both = (rows: Tensor, x: Tensor, columns: Tensor): Tensor =>
    matMul(rows, fusedMatMul(x, columns, { transB: true }));
  const [dx, dy] = [both(along, grey, across), both(across, grey, along)];
  const [xx, yy] = [mul(dx, dx), mul(dy, dy)];
  const energy = add(add(xx, yy), TINY);
  const strength = sqrt(energy);
  const box = square(
    graph,
    half,
    stencil(half, new Array<number>(2 * AROUND + 1).fill(1 / (2 * AROUND + 1))),
  );
  const edges = sqrt(div(strength, add(both(box, strength, box), QUIET)));
  // Cosine and sine of twice the angle: a line has no arrow.
  const cosine = div(sub(xx, yy), energy);
  const sine = div(mul(mul(dx, dy), 2), energy);
  const mean = constant(graph, meanMatrix(half, cells), [cells, half]);
  const parts = Array.from({ length: directions }, (_, index) => {
    const angle = (2 * Math.PI * index) / directions;
    const near = relu(add(mul(cosine, Math.cos(angle)), mul(sine, Math.sin(angle))));
    const nearer = mul(near, near);
    return both(mean, mul(edges, mul(nearer, nearer)), mean);
  });
  return concat(parts, 1);
}

const square = (graph: Graph, size: number, data: Float32Array): Tensor =>
  constant(graph, data, [size, size]);

/** Means over neighbouring pixels. */
const resizeBy = (from: number, to: number): Float32Array => meanMatrix(from, to);

/** `[to, from]`: each row the mean over its share of the pixels; `from` a multiple of `to`, else by triangles. */
function meanMatrix(from: number, to: number): Float32Array {
  if (from % to !== 0) return resizeMatrix(from, to);
  const each = from / to;
  return Float32Array.from({ length: to * from }, (_, at) =>
    Math.floor((at % from) / each) === Math.floor(at / from) ? 1 / each : 0,
  );
}

function blurMatrix(size: number): Float32Array {
  const reach = Math.floor(3 * BLUR + 0.5);
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * BLUR ** 2)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return stencil(
    size,
    taps.map((tap) => tap / sum),
  );
}

/** `[size, size]`: a row of taps centred on each pixel; the border repeats its last pixel. */
function stencil(size: number, taps: readonly number[]): Float32Array {
  const matrix = new Float32Array(size * size);
  const reach = (taps.length - 1) / 2;
  for (let row = 0; row < size; row++) {
    for (const [index, tap] of taps.entries()) {
      const column = Math.min(size - 1, Math.max(0, row + index - reach));
      matrix[row * size + column] = (matrix[row * size + column] ?? 0) + tap;
    }
  }
  return matrix;
}

/** `a · b` of `[rows, inner]` and `[inner, columns]`. */
function product(
  a: Float32Array,
  b: Float32Array,
  rows: number,
  inner: number,
  columns: number,
): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k] ?? 0;
      if (factor === 0) continue;
      for (let c = 0; c < columns; c++)
        out[row * columns + c] = (out[row * columns + c] ?? 0) + factor * (b[k * columns + c] ?? 0);
    }
  }
  return out;
}
