import { cropResize } from '../../image/crop-resize.js';
import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom } from '../../random.js';
import { dominantColours, nearestColour } from '../filters/palette.js';
import { enlargeNearest } from '../lowres.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** A mosaic of six-sided cells, 18 to 9 across: nothing in it lies on a square grid. */
export function hexagons(image: RgbImage, options: StyleOptions): RgbImage {
  const { width, height } = image;
  const random = createRandom(options.seed);
  const pitch = Math.min(width, height) / (18 - 9 * strengthOf(options));
  const rowPitch = (pitch * Math.sqrt(3)) / 2;
  const [startX, startY] = [pitch * random.uniform(), rowPitch * random.uniform()];
  const columns = Math.ceil(width / pitch) + 3;
  const cellOf = new Int32Array(width * height);
  const sums = new Float64Array(columns * (Math.ceil(height / rowPitch) + 4) * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const cell = hexagonAt(x + startX, y + startY, pitch, rowPitch, columns);
      cellOf[i] = cell;
      for (let c = 0; c < 3; c++)
        sums[cell * 4 + c] = (sums[cell * 4 + c] ?? 0) + (image.data[i * 3 + c] ?? 0);
      sums[cell * 4 + 3] = (sums[cell * 4 + 3] ?? 0) + 1;
    }
  }
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < cellOf.length; i++) {
    const cell = (cellOf[i] ?? 0) * 4;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = Math.round((sums[cell + c] ?? 0) / (sums[cell + 3] ?? 1));
  }
  return { width, height, data };
}

/** The nearest of the centres of a triangular lattice is that of the six-sided cell. */
function hexagonAt(x: number, y: number, pitch: number, rowPitch: number, columns: number): number {
  let best = 0;
  let least = Infinity;
  const middle = Math.round(y / rowPitch);
  for (let row = Math.max(0, middle - 1); row <= middle + 1; row++) {
    const shift = row % 2 === 0 ? 0 : 0.5;
    const column = Math.max(0, Math.round(x / pitch - shift));
    const d = ((column + shift) * pitch - x) ** 2 + (row * rowPitch - y) ** 2;
    if (d >= least) continue;
    least = d;
    best = row * columns + column;
  }
  return best;
}

/** A picture from the days of eight colours: 44 to 24 large pixels across, the rest told by error diffusion (Floyd and
 *  Steinberg 1976). */
export function ditheredPixels(image: RgbImage, options: StyleOptions): RgbImage {
  const { width, height } = image;
  const cells = 44 - 20 * strengthOf(options);
  const scale = cells / Math.max(width, height);
  const columns = Math.max(1, Math.round(width * scale));
  const rows = Math.max(1, Math.round(height * scale));
  const small = cropResize(image, { x: 0, y: 0, width, height }, columns, rows);
  const palette = dominantColours(small, 8, createRandom(options.seed));
  return enlargeNearest(diffused(small, palette), width, height);
}

function diffused({ width, height, data }: RgbImage, palette: Float32Array): RgbImage {
  const left = Float32Array.from(data);
  const out = new Uint8Array(data.length);
  const pass = (x: number, y: number, c: number, error: number): void => {
    if (x < 0 || x >= width || y >= height) return;
    const p = (y * width + x) * 3 + c;
    left[p] = (left[p] ?? 0) + error;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = (y * width + x) * 3;
      const chosen = nearestColour(palette, left[p] ?? 0, left[p + 1] ?? 0, left[p + 2] ?? 0) * 3;
      for (let c = 0; c < 3; c++) {
        out[p + c] = Math.round(palette[chosen + c] ?? 0);
        const error = ((left[p + c] ?? 0) - (out[p + c] ?? 0)) / 16;
        pass(x + 1, y, c, 7 * error);
        pass(x - 1, y + 1, c, 3 * error);
        pass(x, y + 1, c, 5 * error);
        pass(x + 1, y + 1, c, error);
      }
    }
  }
  return { width, height, data: out };
}
