import type { RgbImage } from '../image/rgb-image.js';
import { createRandom, type Random } from '../random.js';
import { cannyEdges, quantile } from './filters/canny.js';
import { smoothKeepingEdges } from './filters/domain-transform.js';
import { blurPlane } from './filters/gaussian-blur.js';
import { colourGradient, type GradientField } from './filters/gradient.js';
import { blankPaper, curveThrough, drawLine, lineLength, wobble } from './filters/pen.js';
import { channelPlanes, emptyPlane, greyImage, lumaPlane, type Plane } from './filters/plane.js';
import { saliencyMap } from './filters/saliency.js';
import { joinStrokes, type Polyline, simplifyLine, traceContours } from './filters/trace-contours.js';
import { differenceLines } from './filters/xdog.js';
import { type StyleMakerEntry, type StyleOptions, strengthOf } from './style-maker.js';

// Every length below is given for a picture of 224 pixels and grows with it.
const unitOf = (image: RgbImage): number => Math.min(image.width, image.height) / 224;

/** Fine ink lines: the difference-of-Gaussians line drawing of XDoG, without its black areas.
 *  `strength` 0 keeps much detail, 1 only the broad lines. */
export function inkLines(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const strength = strengthOf(options);
  const calm = smoothKeepingEdges(image, 6 * unit, 0.25 + 0.5 * strength);
  const sigma = Math.max(0.5, (0.8 + 0.7 * strength) * unit);
  return greyImage(differenceLines(lumaPlane(calm), sigma, 45, 0.006 + 0.012 * strength));
}

/** Pencil: lines, and hatching whose density follows the shade. */
export function pencilShading(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const random = createRandom(options.seed);
  const luma = lumaPlane(smoothKeepingEdges(image, 5 * unit, 0.4));
  const lines = differenceLines(luma, Math.max(0.5, 0.9 * unit), 28, 0.004);
  const tone = stretchTone(blurPlane(luma, 1.2 * unit));
  const angle = (Math.PI / 4) * (random.uniform() < 0.5 ? 1 : -1) + 0.25 * random.normal();
  const first = hatch(image.width, image.height, angle, unit, random);
  const second = hatch(image.width, image.height, angle + 1.2, unit, random);
  const depth = 0.55 + 0.4 * strengthOf(options);
  const out = emptyPlane(image.width, image.height);
  for (let i = 0; i < out.data.length; i++) {
    const shade = 1 - (tone.data[i] ?? 1);
    // The first hatching covers everything but the lights, the second only the darks.
    const light = Math.max(0, shade - 0.22) * 1.1 * (first[i] ?? 0);
    const dark = Math.max(0, shade - 0.55) * 1.6 * (second[i] ?? 0);
    out.data[i] = (1 - depth * Math.min(1, light + dark)) * (0.25 + 0.75 * (lines.data[i] ?? 1));
  }
  return greyImage(out);
}

// Streaks of noise along one direction: each pixel averages fine noise along the stroke.
function hatch(width: number, height: number, angle: number, unit: number, random: Random): Float32Array {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const pitch = Math.max(1.5, 2.3 * unit);
  const lanes = Math.ceil((width + height) / pitch) * 2 + 4;
  const phase = Float32Array.from({ length: lanes }, () => random.uniform());
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = x * cos + y * sin;
      const across = (-x * sin + y * cos) / pitch + lanes / 2 + 0.35 * Math.sin(along / (17 * unit));
      const lane = Math.floor(across);
      // Within a lane: a soft ridge, its pressure wandering along the stroke.
      const ridge = 1 - Math.abs(2 * (across - lane) - 1);
      const start = phase[((lane % lanes) + lanes) % lanes] ?? 0;
      const pressure = 0.75 + 0.25 * Math.sin(along / (11 * unit) + start * 40);
      out[y * width + x] = Math.min(1, (0.35 + 1.1 * ridge) * pressure);
    }
  }
  return out;
}

// Darkest hundredth to 0, brightest tenth to 1: a drawing uses the whole range of its pencil.
function stretchTone(tone: Plane): Plane {
  const low = quantile(tone.data, 0.01);
  const high = Math.max(low + 0.05, quantile(tone.data, 0.9));
  return { ...tone, data: tone.data.map((v) => Math.min(1, Math.max(0, (v - low) / (high - low)))) };
}

/** Thick felt-pen contours of the main shapes, corners simplified. */
export function thickContours(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const strength = strengthOf(options);
  const random = createRandom(options.seed);
  const calm = smoothKeepingEdges(image, 14 * unit, 0.7 + 0.5 * strength);
  const gradient = gradientAt(calm, (1.4 + 0.8 * strength) * unit);
  const strokes = strokesOf(gradient, gradient.magnitude.data, 0.91, 0.76, 15 * unit, unit);
  const paper = blankPaper(image.width, image.height);
  const width = (2.2 + 1.2 * random.uniform()) * unit;
  for (const { line } of strokes) {
    drawLine(paper, curveThrough(simplifyLine(line, (1.2 + strength) * unit)), { width });
  }
  return greyImage(paper);
}

/** A person's quick outline of what the picture shows: few strokes, mostly around the thing that stands out, drawn
 *  with a thick pen by an unsteady hand and never quite in place. */
export function freehandOutline(image: RgbImage, options: StyleOptions): RgbImage {
  const unit = unitOf(image);
  const strength = strengthOf(options);
  const random = createRandom(options.seed);
  const calm = smoothKeepingEdges(image, 24 * unit, 1.1);
  const gradient = gradientAt(calm, 2 * unit);
  const saliency = saliencyMap(image);
  const worth = gradient.magnitude.data.map((m, i) => m * (0.12 + (saliency.data[i] ?? 0)));
  const strokes = strokesOf(gradient, worth, 0.92, 0.78, 13 * unit, unit);
  const chosen = mostTelling(strokes, 0.93 - 0.3 * strength, Math.round(32 - 16 * strength));
  const paper = blankPaper(image.width, image.height);
  const place = misplacement(image, strength, random);
  const width = (2.4 + 1.8 * random.uniform()) * unit;
  for (const { line } of chosen) {
    const plain = simplifyLine(line, (1.6 + 1.2 * strength) * unit);
    const curved = curveThrough(place(plain), 3 * unit);
    drawLine(paper, wobble(curved, (0.4 + 0.8 * strength) * unit, random), { width });
  }
  return greyImage(paper);
}

interface Stroke {
  readonly line: Polyline;
  /** Sum of the edge's worth along it. */
  readonly worth: number;
}

const gradientAt = (image: RgbImage, sigma: number): GradientField =>
  colourGradient(channelPlanes(image).map((plane) => blurPlane(plane, sigma)));

function strokesOf(
  gradient: GradientField,
  worth: Float32Array,
  highShare: number,
  lowShare: number,
  minLength: number,
  unit: number,
): Stroke[] {
  const { width, height } = gradient.magnitude;
  // A picture without contrast has no lines: 1.5 grey levels a pixel is noise.
  const high = Math.max(0.2, quantile(worth, highShare));
  const low = Math.max(0.1, quantile(worth, lowShare));
  const mask = cannyEdges(gradient, worth, low, high);
  const lines = joinStrokes(traceContours(mask, width, height, 5), 7 * unit);
  const strokes: Stroke[] = [];
  for (const line of lines) {
    if (lineLength(line) < minLength) continue;
    let sum = 0;
    for (let i = 0; i < line.length; i += 2) sum += worth[(line[i + 1] ?? 0) * width + (line[i] ?? 0)] ?? 0;
    strokes.push({ line, worth: sum });
  }
  return strokes.sort((a, b) => b.worth - a.worth);
}

function mostTelling(strokes: readonly Stroke[], share: number, atMost: number): Stroke[] {
  const total = strokes.reduce((sum, stroke) => sum + stroke.worth, 0);
  const chosen: Stroke[] = [];
  let sum = 0;
  for (const stroke of strokes) {
    if (chosen.length >= atMost || (chosen.length >= 3 && sum >= share * total)) break;
    chosen.push(stroke);
    sum += stroke.worth;
  }
  return chosen;
}

// Nobody copies a photo to scale: turned, stretched and shifted a little about the middle.
function misplacement(image: RgbImage, strength: number, random: Random): (line: Polyline) => Polyline {
  const turn = 0.06 * strength * random.normal();
  const sx = 1 + 0.08 * strength * random.normal();
  const sy = 1 + 0.08 * strength * random.normal();
  const dx = 0.03 * strength * image.width * random.normal();
  const dy = 0.03 * strength * image.height * random.normal();
  const cx = image.width / 2;
  const cy = image.height / 2;
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  return (line) =>
    line.map((_, i) => {
      const x = ((line[i - (i % 2)] ?? 0) - cx) * sx;
      const y = ((line[i - (i % 2) + 1] ?? 0) - cy) * sy;
      return i % 2 === 0 ? cx + dx + cos * x - sin * y : cy + dy + sin * x + cos * y;
    });
}

export const sketchMakers = {
  'sketch-ink': {
    style: 'sketch',
    kind: 'fine ink lines',
    title: 'Ink drawing',
    hasStrength: true,
    make: inkLines,
  },
  'sketch-pencil': {
    style: 'sketch',
    kind: 'pencil shading',
    title: 'Pencil drawing',
    hasStrength: true,
    make: pencilShading,
  },
  'sketch-contour': {
    style: 'sketch',
    kind: 'thick simplified contours',
    title: 'Felt-pen contours',
    hasStrength: true,
    make: thickContours,
  },
  'sketch-freehand': {
    style: 'sketch',
    kind: 'few wobbly outlines of the main thing',
    title: 'Freehand outline',
    hasStrength: true,
    make: freehandOutline,
  },
} as const satisfies Record<string, StyleMakerEntry>;
