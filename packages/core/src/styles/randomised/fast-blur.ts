import type { Plane } from '../filters/plane.js';

/** Mean of each pixel's square of `2·radius + 1`, by running sums, rows then columns; edges repeat.
 *  @param radius whole, 0 or more. */
export function boxMean({ width, height, data }: Plane, radius: number): Plane {
  const across = new Float32Array(data.length);
  const scale = 1 / (2 * radius + 1);
  // Each row with its edges repeated, so that the running sum needs no test.
  const padded = new Float32Array(width + 2 * radius + 1);
  const span = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    padded.fill(data[row] as number, 0, radius);
    padded.set(data.subarray(row, row + width), radius);
    padded.fill(data[row + width - 1] as number, radius + width);
    let sum = 0;
    for (let k = 0; k < span; k++) sum += padded[k] as number;
    for (let x = 0; x < width; x++) {
      across[row + x] = sum * scale;
      sum += (padded[x + span] as number) - (padded[x] as number);
    }
  }
  return { width, height, data: meanOfRows(across, width, height, radius) };
}

// Row after row, one sum a column: memory is read in order.
function meanOfRows(data: Float32Array, width: number, height: number, radius: number): Float32Array {
  const out = new Float32Array(data.length);
  const sums = new Float64Array(width);
  const scale = 1 / (2 * radius + 1);
  const rowAt = (y: number): number => Math.min(height - 1, Math.max(0, y)) * width;
  for (let k = -radius; k <= radius; k++) {
    const row = rowAt(k);
    for (let x = 0; x < width; x++) sums[x] = (sums[x] as number) + (data[row + x] as number);
  }
  for (let y = 0; y < height; y++) {
    const to = y * width;
    const enter = rowAt(y + radius + 1);
    const leave = rowAt(y - radius);
    for (let x = 0; x < width; x++) {
      const sum = sums[x] as number;
      out[to + x] = sum * scale;
      sums[x] = sum + (data[enter + x] as number) - (data[leave + x] as number);
    }
  }
  return out;
}

/** A blur near enough to a Gaussian for drawing: three-tap kernels below a deviation of 0.8 pixels, above it three box
 *  means whose widths are mixed so that the variances add up. @param sigma deviation in pixels; 0 or less: as it is. */
export function softBlur(plane: Plane, sigma: number): Plane {
  if (!(sigma > 0)) return plane;
  // Twice [w, 1 − 2w, w], whose variance is 2w.
  if (sigma < 0.8) return threeTaps(threeTaps(plane, (sigma * sigma) / 4), (sigma * sigma) / 4);
  // Kovesi 2010: m boxes of width w and 3 − m of width w + 2 have together the variance wanted.
  const ideal = Math.sqrt(4 * sigma * sigma + 1);
  const odd = Math.floor(ideal) % 2 === 0 ? Math.floor(ideal) - 1 : Math.floor(ideal);
  const narrow = Math.round((12 * sigma * sigma - 3 * odd * odd - 12 * odd - 9) / (-4 * odd - 4));
  let current = plane;
  for (let pass = 0; pass < 3; pass++) {
    const radius = (odd - 1) / 2 + (pass < narrow ? 0 : 1);
    if (radius > 0) current = boxMean(current, radius);
  }
  return current;
}

function threeTaps({ width, height, data }: Plane, w: number): Plane {
  const across = new Float32Array(data.length);
  const middle = 1 - 2 * w;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let before = data[row] as number;
    let here = before;
    for (let x = 0; x < width; x++) {
      const after = x + 1 < width ? (data[row + x + 1] as number) : here;
      across[row + x] = middle * here + w * (before + after);
      before = here;
      here = after;
    }
  }
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const up = Math.max(0, y - 1) * width;
    const down = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      out[row + x] =
        middle * (across[row + x] as number) +
        w * ((across[up + x] as number) + (across[down + x] as number));
    }
  }
  return { width, height, data: out };
}
