import type { RgbImage } from '../../image/rgb-image.js';
import { channelPlanes, mergePlanes } from './plane.js';

/** Smooths flat areas and keeps edges: the recursive domain transform of Gastal and Oliveira 2011.
 *  @param sigmaSpace reach in pixels. @param sigmaRange how large a colour step (sum over the three channels, 0–1 each)
 *  still counts as flat. @param passes horizontal-vertical pairs; three leave no streaks. */
export function smoothKeepingEdges(
  image: RgbImage,
  sigmaSpace: number,
  sigmaRange: number,
  passes = 3,
): RgbImage {
  const { width, height } = image;
  const across = stepLengths(image, 3, sigmaSpace / sigmaRange);
  const down = stepLengths(image, width * 3, sigmaSpace / sigmaRange);
  // The first pass reaches farthest; each one halves its reach so that the variances add up to sigmaSpace².
  const sigma = (sigmaSpace * Math.sqrt(3) * 2 ** (passes - 1)) / Math.sqrt(4 ** passes - 1);
  const feedAcross = across.map((d) => Math.exp((-Math.SQRT2 / sigma) * d));
  const feedDown = down.map((d) => Math.exp((-Math.SQRT2 / sigma) * d));
  const planes = channelPlanes(image);
  for (let pass = 0; pass < passes; pass++) {
    for (const { data } of planes) {
      for (let y = 0; y < height; y++) recurseRow(data, feedAcross, y * width, width);
      recurseColumns(data, feedDown, width, height);
    }
    // Half the reach squares the feedback: exp(−√2·d/(σ/2)) = exp(−√2·d/σ)².
    squareInPlace(feedAcross);
    squareInPlace(feedDown);
  }
  return mergePlanes(planes);
}

function squareInPlace(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) ** 2;
}

// Distance from each pixel to the one before it in the transformed domain: 1 + (σs/σr)·Σ|Δchannel|.
function stepLengths(image: RgbImage, step: number, ratio: number): Float32Array {
  const { data } = image;
  const lengths = new Float32Array(image.width * image.height);
  for (let i = 0; i < lengths.length; i++) {
    const p = i * 3;
    let change = 0;
    for (let c = 0; c < 3; c++)
      change += Math.abs((data[p + c] ?? 0) - (data[p + c - step] ?? data[p + c] ?? 0));
    lengths[i] = 1 + (ratio * change) / 255;
  }
  return lengths;
}

function recurseRow(data: Float32Array, feed: Float32Array, start: number, length: number): void {
  let last = data[start] ?? 0;
  for (let i = start + 1; i < start + length; i++) {
    const here = data[i] ?? 0;
    last = here + (feed[i] ?? 0) * (last - here);
    data[i] = last;
  }
  for (let i = start + length - 2; i >= start; i--) {
    const here = data[i] ?? 0;
    last = here + (feed[i + 1] ?? 0) * (last - here);
    data[i] = last;
  }
}

// All columns at once, row after row: memory is read in order.
function recurseColumns(data: Float32Array, feed: Float32Array, width: number, height: number): void {
  for (let i = width; i < width * height; i++) {
    const here = data[i] ?? 0;
    data[i] = here + (feed[i] ?? 0) * ((data[i - width] ?? 0) - here);
  }
  for (let i = width * (height - 1) - 1; i >= 0; i--) {
    const here = data[i] ?? 0;
    data[i] = here + (feed[i + width] ?? 0) * ((data[i + width] ?? 0) - here);
  }
}
