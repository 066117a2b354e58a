import type { RgbImage } from '../../image/rgb-image.js';
import { createRandom, type Random } from '../../random.js';
import { blurPlane } from '../filters/gaussian-blur.js';
import { channelPlanes, mergePlanes, type Plane } from '../filters/plane.js';
import { tremble } from '../filters/tremble.js';
import { type StyleOptions, strengthOf } from '../style-maker.js';

/** Watercolour: thin washes of pigment that run on wet paper, dry darker at their edges, settle in the paper's tooth and
 *  leave a ragged white margin. Strength makes the washes wetter. */
export function watercolour(image: RgbImage, options: StyleOptions): RgbImage {
  const random = createRandom(options.seed);
  const unit = Math.min(image.width, image.height) / 224;
  const wet = strengthOf(options);
  // Colours run into each other, first far and softly, then near with fringes.
  const run = tremble(
    tremble(image, (1.5 + 3 * wet) * unit, 16 * unit, random),
    1.3 * unit,
    4 * unit,
    random,
  );
  const washes = channelPlanes(run).map((plane) =>
    diffuse(density(plane), Math.round(12 + 24 * wet), random),
  );
  const wash = cloud(image, 30 * unit, random);
  const tooth = cloud(image, Math.max(1, 1.1 * unit), random);
  const margin = raggedMargin(image, unit, random);
  const [r, g, b] = washes.map((plane) => dried(plane, wash, tooth, margin, unit, wet));
  return r && g && b ? mergePlanes([r, g, b]) : image;
}

// How much pigment it takes to let only so much light back: −ln of the light; the lightest tenth is left as paper.
const density = (plane: Plane): Plane => ({
  ...plane,
  data: plane.data.map((value) => Math.max(0, -Math.log(Math.max(0.03, value / 255)) - 0.1)),
});

/** Diffusion that stops at edges (Perona and Malik 1990), explicit steps of ¼·e^{−(Δ/κ)²}. */
function diffuse({ width, height, data }: Plane, rounds: number, random: Random): Plane {
  const kappa = 0.16 + 0.08 * random.uniform();
  let from = data;
  for (let round = 0; round < rounds; round++) {
    const to = new Float32Array(from.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const here = from[i] as number;
        let flow = 0;
        if (x > 0) flow += through((from[i - 1] as number) - here, kappa);
        if (x + 1 < width) flow += through((from[i + 1] as number) - here, kappa);
        if (y > 0) flow += through((from[i - width] as number) - here, kappa);
        if (y + 1 < height) flow += through((from[i + width] as number) - here, kappa);
        to[i] = here + 0.22 * flow;
      }
    }
    from = to;
  }
  return { width, height, data: from };
}

// 1/(1 + (Δ/κ)²): the other conductance of the same paper, without an exponential.
const through = (difference: number, kappa: number): number => difference / (1 + (difference / kappa) ** 2);

/** Normal noise, blurred; deviation about 1. */
function cloud({ width, height }: RgbImage, sigma: number, random: Random): Float32Array {
  const data = Float32Array.from({ length: width * height }, () => random.normal());
  const soft = blurPlane({ width, height, data }, sigma).data;
  const deviation = Math.sqrt(soft.reduce((sum, v) => sum + v * v, 0) / soft.length);
  return soft.map((v) => v / Math.max(1e-6, deviation));
}

/** 1 on the painted sheet, 0 on the bare border. */
function raggedMargin(image: RgbImage, unit: number, random: Random): Float32Array {
  const ragged = cloud(image, 5 * unit, random);
  const { width, height } = image;
  const bare = Math.min(width, height) * (0.02 + 0.05 * random.uniform());
  return ragged.map((value, i) => {
    const x = i % width;
    const y = (i - x) / width;
    const inside = Math.min(x, y, width - 1 - x, height - 1 - y) - bare + 4 * unit * value;
    return Math.min(1, Math.max(0, inside / unit));
  });
}

/** Light back from the paper, 0 to 255. */
function dried(
  pigment: Plane,
  wash: Float32Array,
  tooth: Float32Array,
  margin: Float32Array,
  unit: number,
  wet: number,
): Plane {
  const soft = blurPlane(pigment, 2.2 * unit).data;
  const data = pigment.data.map((value, i) => {
    // Pigment is carried to the border of a wash and dries there.
    const rim = 1 + 2.2 * Math.min(0.4, Math.abs(value - (soft[i] ?? 0)));
    const uneven = Math.max(0.2, 1 + (0.12 + 0.14 * wet) * (wash[i] ?? 0) + 0.11 * (tooth[i] ?? 0));
    const held = 0.85 * value * rim * uneven * (margin[i] ?? 1);
    return 250 * Math.exp(-held);
  });
  return { ...pigment, data };
}
