import type { RgbImage } from '../image/rgb-image.js';
import { createRandom } from '../random.js';
import { brushPainting } from './brush-painting.js';
import { smoothKeepingEdges } from './filters/domain-transform.js';
import { gaussianBlur } from './filters/gaussian-blur.js';
import { kuwahara } from './filters/kuwahara.js';
import { dominantColours, paintWithPalette } from './filters/palette.js';
import { lumaPlane } from './filters/plane.js';
import { differenceLines } from './filters/xdog.js';
import { type StyleMakerEntry, type StyleOptions, strengthOf } from './style-maker.js';

const unitOf = (image: RgbImage): number => Math.min(image.width, image.height) / 224;

/** Cartoon: flat, livelier colours in a few steps of brightness, dark outlines. */
export function cartoon(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const strength = strengthOf(options);
  const flat = smoothKeepingEdges(image, 18 * unit, 0.35 + 0.5 * strength);
  const luma = lumaPlane(smoothKeepingEdges(image, 8 * unit, 0.4));
  const ink = differenceLines(
    luma,
    Math.max(0.6, (1 + 0.5 * strength) * unit),
    60,
    0.008 + 0.006 * strength,
  ).data;
  const steps = 9 - 4 * strength;
  const data = new Uint8ClampedArray(image.data.length);
  for (let i = 0, p = 0; p < data.length; i++, p += 3) {
    const [r, g, b] = [flat.data[p] ?? 0, flat.data[p + 1] ?? 0, flat.data[p + 2] ?? 0];
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const gain = ((ink[i] ?? 1) * softStep(grey / 255, steps) * 255) / Math.max(1, grey);
    const vivid = 1.25 + 0.35 * strength;
    for (let c = 0; c < 3; c++) data[p + c] = (grey + vivid * ((flat.data[p + c] ?? 0) - grey)) * gain;
  }
  return { ...image, data: new Uint8Array(data.buffer) };
}

// Steps of brightness with short ramps between them, after Winnemöller 2006: hard steps would flicker along noise.
function softStep(value: number, steps: number): number {
  const scaled = value * steps;
  const nearest = Math.floor(scaled) + 0.5;
  return (nearest + 0.5 * Math.tanh(6 * (scaled - nearest) ** 3 * 4)) / steps;
}

/** Oil paint: colours run together in patches, edges stay. */
export function oilPaint(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const radius = Math.max(1, Math.round((3 + 3 * strengthOf(options)) * unit));
  const first = kuwahara(gaussianBlur(image, Math.max(0.4, 0.7 * unit)), radius);
  return enliven(kuwahara(first, Math.max(1, Math.round(radius * 0.6))), 1.3);
}

/** A silk-screen print: five to ten flat inks and nothing between them. */
export function posterised(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const calm = enliven(smoothKeepingEdges(image, 10 * unit, 0.6), 1.5);
  const inks = Math.round(10 - 5 * strengthOf(options));
  const print = paintWithPalette(calm, dominantColours(calm, inks, createRandom(options.seed)));
  // Specks smaller than the squeegee's edge would not print.
  return kuwahara(print, Math.max(1, Math.round(1.5 * unit)));
}

function enliven(image: RgbImage, vivid: number): RgbImage {
  const data = new Uint8ClampedArray(image.data.length);
  for (let p = 0; p < data.length; p += 3) {
    const grey =
      0.299 * (image.data[p] ?? 0) + 0.587 * (image.data[p + 1] ?? 0) + 0.114 * (image.data[p + 2] ?? 0);
    for (let c = 0; c < 3; c++) data[p + c] = grey + vivid * ((image.data[p + c] ?? 0) - grey);
  }
  return { ...image, data: new Uint8Array(data.buffer) };
}

export const artMakers = {
  'art-cartoon': {
    style: 'art',
    kind: 'flat colours with dark outlines',
    title: 'Cartoon',
    hasStrength: true,
    make: cartoon,
  },
  'art-brush': {
    style: 'art',
    kind: 'brush strokes, coarse to fine',
    title: 'Brush painting',
    hasStrength: true,
    make: brushPainting,
  },
  'art-oil': {
    style: 'art',
    kind: 'oil paint in patches',
    title: 'Oil painting',
    hasStrength: true,
    make: oilPaint,
  },
  'art-poster': {
    style: 'art',
    kind: 'posterised print',
    title: 'Poster print',
    hasStrength: true,
    make: posterised,
  },
} as const satisfies Record<string, StyleMakerEntry>;
