import type { RgbImage } from '../../image/rgb-image.js';
import type { Random } from '../../random.js';

/** The colours that a picture needs most: k-means over a sample of its pixels, by brightness and hue.
 *  @returns `count` colours or fewer, three floats of 0–255 each. */
export function dominantColours(image: RgbImage, count: number, random: Random): Float32Array {
  const sample = samplePixels(image, 1500);
  let centres = farApart(sample, count, random);
  for (let round = 0; round < 8; round++) centres = moveToMeans(sample, centres);
  return centres;
}

/** Index of the palette colour nearest to a pixel. */
export function nearestColour(palette: Float32Array, r: number, g: number, b: number): number {
  let best = 0;
  let bestDistance = Infinity;
  for (let p = 0; p < palette.length; p += 3) {
    const d = colourDistance((palette[p] ?? 0) - r, (palette[p + 1] ?? 0) - g, (palette[p + 2] ?? 0) - b);
    if (d < bestDistance) {
      bestDistance = d;
      best = p / 3;
    }
  }
  return best;
}

/** Shows each pixel in its nearest palette colour. */
export function paintWithPalette(image: RgbImage, palette: Float32Array): RgbImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const p = nearestColour(palette, image.data[i] ?? 0, image.data[i + 1] ?? 0, image.data[i + 2] ?? 0) * 3;
    for (let c = 0; c < 3; c++) data[i + c] = Math.round(palette[p + c] ?? 0);
  }
  return { ...image, data };
}

// Squares of the differences in brightness, red-green and blue-yellow: hue must count, or small bright things turn grey.
function colourDistance(r: number, g: number, b: number): number {
  const light = (r + g + b) / 3;
  const redGreen = r - g;
  const blueYellow = (r + g) / 2 - b;
  return light * light + redGreen * redGreen + 0.6 * blueYellow * blueYellow;
}

function samplePixels(image: RgbImage, atMost: number): Float32Array {
  const pixels = image.width * image.height;
  const step = Math.max(1, pixels / atMost);
  const out = new Float32Array(Math.ceil(pixels / step) * 3);
  for (let i = 0; i * step < pixels; i++) {
    const from = Math.floor(i * step) * 3;
    for (let c = 0; c < 3; c++) out[i * 3 + c] = image.data[from + c] ?? 0;
  }
  return out;
}

// The first at random, each next one the pixel farthest from those taken: small bright things keep their colour.
function farApart(sample: Float32Array, count: number, random: Random): Float32Array {
  const pixels = sample.length / 3;
  const nearest = new Float32Array(pixels).fill(Infinity);
  const chosen: number[] = [];
  let pick = random.integer(pixels) * 3;
  for (let k = 0; k < Math.min(count, pixels); k++) {
    const [r, g, b] = [sample[pick] ?? 0, sample[pick + 1] ?? 0, sample[pick + 2] ?? 0];
    chosen.push(r, g, b);
    let far = -1;
    for (let i = 0; i < pixels; i++) {
      const p = i * 3;
      const d = colourDistance((sample[p] ?? 0) - r, (sample[p + 1] ?? 0) - g, (sample[p + 2] ?? 0) - b);
      if (d < (nearest[i] ?? 0)) nearest[i] = d;
      if ((nearest[i] ?? 0) > far) {
        far = nearest[i] ?? 0;
        pick = p;
      }
    }
  }
  return Float32Array.from(chosen);
}

function moveToMeans(sample: Float32Array, centres: Float32Array): Float32Array {
  const sums = new Float64Array(centres.length);
  const counts = new Float64Array(centres.length / 3);
  for (let p = 0; p < sample.length; p += 3) {
    const k = nearestColour(centres, sample[p] ?? 0, sample[p + 1] ?? 0, sample[p + 2] ?? 0);
    counts[k] = (counts[k] ?? 0) + 1;
    for (let c = 0; c < 3; c++) sums[k * 3 + c] = (sums[k * 3 + c] ?? 0) + (sample[p + c] ?? 0);
  }
  return centres.map((old, i) => {
    const n = counts[Math.floor(i / 3)] ?? 0;
    return n === 0 ? old : (sums[i] ?? 0) / n;
  });
}
