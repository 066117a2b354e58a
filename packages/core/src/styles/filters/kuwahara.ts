import type { RgbImage } from '../../image/rgb-image.js';

/** Kuwahara's filter of 1976: each pixel takes the mean of the calmest of the four squares around it, so areas run
 *  together like oil paint and edges stay. @param radius edge of a square less one, pixels, at least 1. */
export function kuwahara(image: RgbImage, radius: number): RgbImage {
  const { width, height } = image;
  const sums = integralImages(image);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) {
    const rows = [
      [Math.max(0, y - radius), y + 1],
      [y, Math.min(height, y + radius + 1)],
    ] as const;
    for (let x = 0; x < width; x++) {
      const columns = [
        [Math.max(0, x - radius), x + 1],
        [x, Math.min(width, x + radius + 1)],
      ] as const;
      let calmest = Infinity;
      const to = (y * width + x) * 3;
      for (const [y0, y1] of rows) {
        for (const [x0, x1] of columns) {
          const n = (y1 - y0) * (x1 - x0);
          const [a, b, c, d] = [
            y1 * (width + 1) + x1,
            y0 * (width + 1) + x1,
            y1 * (width + 1) + x0,
            y0 * (width + 1) + x0,
          ];
          const at = (k: number): number =>
            (sums[a * 4 + k] ?? 0) - (sums[b * 4 + k] ?? 0) - (sums[c * 4 + k] ?? 0) + (sums[d * 4 + k] ?? 0);
          const [r, g, bl] = [at(0) / n, at(1) / n, at(2) / n];
          const variance = at(3) / n - r * r - g * g - bl * bl;
          if (variance >= calmest) continue;
          calmest = variance;
          data[to] = r + 0.5;
          data[to + 1] = g + 0.5;
          data[to + 2] = bl + 0.5;
        }
      }
    }
  }
  return { width, height, data };
}

// Summed areas of r, g, b and r²+g²+b², four to a cell, one row and column of zeros in front.
function integralImages({ width, height, data }: RgbImage): Float64Array {
  const stride = (width + 1) * 4;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    const row = [0, 0, 0, 0];
    for (let x = 0; x < width; x++) {
      const p = (y * width + x) * 3;
      const [r, g, b] = [data[p] ?? 0, data[p + 1] ?? 0, data[p + 2] ?? 0];
      const values = [r, g, b, r * r + g * g + b * b];
      const to = (y + 1) * stride + (x + 1) * 4;
      for (let k = 0; k < 4; k++) {
        row[k] = (row[k] ?? 0) + (values[k] ?? 0);
        sums[to + k] = (sums[to - stride + k] ?? 0) + (row[k] ?? 0);
      }
    }
  }
  return sums;
}
