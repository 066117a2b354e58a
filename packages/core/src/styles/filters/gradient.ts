import { emptyPlane, type Plane } from './plane.js';

/** How strongly and across which direction a picture changes at each pixel. */
export interface GradientField {
  /** Root of the structure tensor's larger eigenvalue: the steepest change per pixel, in the planes' units. */
  readonly magnitude: Plane;
  /** Unit vector across the edge (the tensor's main axis; its sign means nothing). */
  readonly nx: Float32Array;
  readonly ny: Float32Array;
}

/** Colour gradient of Di Zenzo 1986: one structure tensor over all planes, Scharr derivatives, edges repeat.
 *  An edge between two colours of the same brightness counts as much as one between grey levels. */
export function colourGradient(planes: readonly Plane[]): GradientField {
  const { width, height } = planes[0] ?? emptyPlane(1, 1);
  const size = width * height;
  const xx = new Float32Array(size);
  const xy = new Float32Array(size);
  const yy = new Float32Array(size);
  for (const plane of planes) addTensor(plane, xx, xy, yy);
  const magnitude = emptyPlane(width, height);
  const nx = new Float32Array(size);
  const ny = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const a = xx[i] ?? 0;
    const b = xy[i] ?? 0;
    const c = yy[i] ?? 0;
    // Larger eigenvalue λ of [[a, b], [b, c]]; its eigenvector is (λ − c, b) or, the same up to length, (b, λ − a).
    const half = (a - c) / 2;
    const larger = (a + c) / 2 + Math.sqrt(half * half + b * b);
    const vx = a >= c ? larger - c : b;
    const vy = a >= c ? b : larger - a;
    const length = Math.sqrt(vx * vx + vy * vy);
    magnitude.data[i] = Math.sqrt(Math.max(0, larger));
    nx[i] = length > 0 ? vx / length : 1;
    ny[i] = length > 0 ? vy / length : 0;
  }
  return { magnitude, nx, ny };
}

function addTensor(plane: Plane, xx: Float32Array, xy: Float32Array, yy: Float32Array): void {
  const { width, height, data } = plane;
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const mid = y * width;
    const low = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const l = Math.max(0, x - 1);
      const r = Math.min(width - 1, x + 1);
      const ul = data[up + l] ?? 0;
      const ur = data[up + r] ?? 0;
      const dl = data[low + l] ?? 0;
      const dr = data[low + r] ?? 0;
      // Scharr weights 3-10-3, scaled to a change per pixel (sum of weights 16, distance 2).
      const gx = (3 * (ur - ul + dr - dl) + 10 * ((data[mid + r] ?? 0) - (data[mid + l] ?? 0))) / 32;
      const gy = (3 * (dl - ul + dr - ur) + 10 * ((data[low + x] ?? 0) - (data[up + x] ?? 0))) / 32;
      const i = mid + x;
      xx[i] = (xx[i] ?? 0) + gx * gx;
      xy[i] = (xy[i] ?? 0) + gx * gy;
      yy[i] = (yy[i] ?? 0) + gy * gy;
    }
  }
}
