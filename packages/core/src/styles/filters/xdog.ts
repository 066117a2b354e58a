import { blurPlane } from './gaussian-blur.js';
import { emptyPlane, type Plane } from './plane.js';

export interface XdogOptions {
  /** Scale of the lines: standard deviation of the narrower Gaussian, pixels. */
  readonly sigma: number;
  /** Weight of the sharpening, `p` in the paper; about 20. */
  readonly sharpness: number;
  /** Brightness under which ink begins, 0 to 1; `ε`. */
  readonly threshold: number;
  /** Slope of the ink's edge; `φ`. */
  readonly slope: number;
}

/** Extended difference of Gaussians, Winnemöller 2011: `S = (1+p)·G(σ) − p·G(1.6σ)`, then 1 where S ≥ ε, else
 *  `1 + tanh(φ(S − ε))`. @param luma 0 to 1. @returns paper (1) and ink (0). */
export function xdog(luma: Plane, { sigma, sharpness, threshold, slope }: XdogOptions): Plane {
  const narrow = blurPlane(luma, sigma);
  const wide = blurPlane(luma, sigma * 1.6);
  const out = emptyPlane(luma.width, luma.height);
  for (let i = 0; i < out.data.length; i++) {
    const s = (1 + sharpness) * (narrow.data[i] ?? 0) - sharpness * (wide.data[i] ?? 0);
    out.data[i] = s >= threshold ? 1 : 1 + Math.tanh(slope * (s - threshold));
  }
  return out;
}

/** Lines only, without the black areas of `xdog`: the negative lobe of the difference of Gaussians as ink.
 *  @param gain how dark a difference becomes. @param floor differences under it leave no ink (0 to 1). */
export function differenceLines(luma: Plane, sigma: number, gain: number, floor: number): Plane {
  const narrow = blurPlane(luma, sigma);
  const wide = blurPlane(luma, sigma * 1.6);
  const out = emptyPlane(luma.width, luma.height);
  for (let i = 0; i < out.data.length; i++) {
    const dark = (wide.data[i] ?? 0) - (narrow.data[i] ?? 0) - floor;
    out.data[i] = dark <= 0 ? 1 : 1 - Math.tanh(gain * dark);
  }
  return out;
}
