import { darker, lighter, mix } from './colours.js';

/** `photo`: shaded, textured, lit. `cartoon`: flat with dark outlines. `sketch`: pen lines on white. */
export type SceneMode = 'photo' | 'cartoon' | 'sketch';

export const SCENE_WIDTH = 400;
export const SCENE_HEIGHT = 300;

/** How a closed shape is shaded in a photo. */
export type Shading = 'round' | 'upright' | 'flat';

export interface ShapeOptions {
  readonly shading?: Shading;
  /** Left out of the sketch: spots, panes, whatever a quick hand would skip. */
  readonly minor?: boolean;
  /** Drawn without an outline in the cartoon and not at all in the sketch: clouds, reflections, far hills. */
  readonly soft?: boolean;
  readonly opacity?: number;
}

/** Collects one scene as SVG. Shapes are path data in the current frame, y downwards, and each mode dresses them in its
 *  own way, so one description gives the picture, the cartoon and the sketch. */
export interface SceneCanvas {
  readonly mode: SceneMode;
  /** A closed shape. */
  shape(d: string, colour: string, options?: ShapeOptions): void;
  /** An open line of a given width. */
  line(d: string, colour: string, width: number, options?: ShapeOptions): void;
  /** Something that only light does: shadows, gloss, haze. Photo only. */
  light(d: string, colour: string, opacity: number, blur: number): void;
  /** A soft round patch that fades to nothing at its rim: cast shadows, the sun's glare. Photo only. */
  halo(cx: number, cy: number, rx: number, ry: number, colour: string, opacity: number): void;
  /** Light that shines over the dark of night: lamps, windows. Not by day, not in the sketch. */
  glow(d: string, colour: string, blur: number): void;
  /** Draws in a frame of its own: origin at (x, y), lengths times `scale`, mirrored if asked. */
  within(x: number, y: number, scale: number, flip: boolean, draw: () => void): void;
  /** A filled area over everything so far, photo and cartoon: the dark of night, fog. */
  veil(colour: string, opacity: number): void;
  /** Sky or wall or ground that fills a band from `top` to `bottom`, in one colour above and another below. */
  band(top: number, bottom: number, above: string, below: string, texture?: Texture): void;
  /** The finished document. */
  toSvg(): string;
}

/** Grain of a surface: how fine, how strong. */
export interface Texture {
  readonly fineX: number;
  readonly fineY: number;
  readonly strength: number;
}

export interface SceneCanvasOptions {
  readonly mode: SceneMode;
  readonly seed: number;
  /** Whether lamps and windows shine. */
  readonly night: boolean;
}

export function createSceneCanvas({ mode, seed, night }: SceneCanvasOptions): SceneCanvas {
  const body: string[] = [];
  const glows: string[] = [];
  const defs = new Map<string, string>();
  let frames: string[] = [];
  let scale = 1;
  const gradient = (colour: string, shading: Shading): string => {
    const id = `g${shading}${colour.slice(1)}`;
    if (!defs.has(id)) defs.set(id, gradientDef(id, colour, shading));
    return `url(#${id})`;
  };
  const blurred = (amount: number): string => {
    if (amount <= 0) return '';
    const id = `b${Math.round(amount * 10)}`;
    if (!defs.has(id)) defs.set(id, blurDef(id, amount));
    return ` filter="url(#${id})"`;
  };
  const framed = (element: string): string =>
    frames.reduceRight((inner, frame) => `<g transform="${frame}">${inner}</g>`, element);
  const put = (element: string): void => {
    body.push(framed(element));
  };
  return {
    mode,
    shape: (d, colour, { shading = 'upright', minor = false, soft = false, opacity = 1 } = {}) => {
      if (mode === 'photo') put(`<path d="${d}" fill="${gradient(colour, shading)}" opacity="${opacity}"/>`);
      else if (mode === 'cartoon') put(cartoonShape(d, colour, soft, opacity, scale));
      else if (!soft && !minor) put(`<path d="${d}" fill="#fff" ${penStroke(3.1 / scale)}/>`);
    },
    line: (d, colour, width, { minor = false, soft = false, opacity = 1 } = {}) => {
      if (mode === 'sketch' && (soft || minor)) return;
      const ink = mode === 'sketch' ? '#111' : mode === 'cartoon' ? lively(colour) : colour;
      const wide = mode === 'sketch' ? 2.4 / scale : width;
      put(
        `<path d="${d}" fill="none" stroke="${ink}" stroke-width="${round(wide)}" stroke-linecap="round" stroke-linejoin="round" opacity="${opacity}"/>`,
      );
    },
    light: (d, colour, opacity, blur) => {
      if (mode === 'photo') put(`<path d="${d}" fill="${colour}" opacity="${opacity}"${blurred(blur)}/>`);
    },
    halo: (cx, cy, rx, ry, colour, opacity) => {
      if (mode !== 'photo') return;
      const id = `h${colour.slice(1)}`;
      if (!defs.has(id)) defs.set(id, haloDef(id, colour));
      put(`<path d="${form.ellipse(cx, cy, rx, ry)}" fill="url(#${id})" opacity="${opacity}"/>`);
    },
    glow: (d, colour, blur) => {
      if (mode !== 'sketch' && night) glows.push(framed(`<path d="${d}" fill="${colour}"${blurred(blur)}/>`));
    },
    within: (x, y, size, flip, draw) => {
      const outer = { frames, scale };
      frames = [
        ...frames,
        `translate(${round(x)} ${round(y)}) scale(${round(flip ? -size : size)} ${round(size)})`,
      ];
      scale *= size;
      draw();
      ({ frames, scale } = outer);
    },
    veil: (colour, opacity) => {
      if (mode !== 'sketch')
        body.push(`<rect width="400" height="300" fill="${colour}" opacity="${opacity}"/>`);
    },
    band: (top, bottom, above, below, texture) => {
      if (mode === 'sketch') return;
      const id = `band${defs.size}`;
      const [from, to] =
        mode === 'photo' ? [above, below] : [lively(mix(above, below, 0.4)), lively(mix(above, below, 0.6))];
      defs.set(id, bandDef(id, from, to));
      const area = `x="-4" y="${top}" width="408" height="${bottom - top}"`;
      put(`<rect ${area} fill="url(#${id})"/>`);
      if (texture === undefined || mode === 'cartoon') return;
      const grain = `grain${defs.size}`;
      defs.set(grain, grainDef(grain, texture, seed + defs.size));
      put(`<rect ${area} fill="#808080" opacity="${texture.strength}" filter="url(#${grain})"/>`);
    },
    toSvg: () => documentOf(mode, [...defs.values()], [...body, ...glows]),
  };
}

const OUTLINE = '#22242c';
const round = (value: number): number => Math.round(value * 100) / 100;
const penStroke = (width: number): string =>
  `stroke="#111" stroke-width="${round(width)}" stroke-linejoin="round" stroke-linecap="round"`;

// A cartoonist's colours: fuller than the photo's.
function lively(colour: string): string {
  const channels = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
  const grey = channels.reduce((sum, v) => sum + v, 0) / 3;
  const full = channels.map((v) => Math.min(255, Math.max(0, Math.round(grey + 1.35 * (v - grey) + 6))));
  return `#${full.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

function cartoonShape(d: string, colour: string, soft: boolean, opacity: number, scale: number): string {
  const stroke = soft
    ? ''
    : ` stroke="${OUTLINE}" stroke-width="${round(2.6 / scale)}" stroke-linejoin="round"`;
  return `<path d="${d}" fill="${lively(colour)}"${stroke} opacity="${opacity}"/>`;
}

function gradientDef(id: string, colour: string, shading: Shading): string {
  const stop = (offset: number, value: string): string => `<stop offset="${offset}" stop-color="${value}"/>`;
  if (shading === 'round') {
    const stops = stop(0, lighter(colour, 0.45)) + stop(0.45, colour) + stop(1, darker(colour, 0.5));
    return `<radialGradient id="${id}" cx="0.36" cy="0.3" r="0.8">${stops}</radialGradient>`;
  }
  if (shading === 'flat') {
    return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stop(0, colour)}${stop(1, darker(colour, 0.08))}</linearGradient>`;
  }
  const stops = stop(0, lighter(colour, 0.16)) + stop(0.55, colour) + stop(1, darker(colour, 0.34));
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0.55" y2="1">${stops}</linearGradient>`;
}

const bandDef = (id: string, above: string, below: string): string =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${above}"/><stop offset="1" stop-color="${below}"/></linearGradient>`;

const haloDef = (id: string, colour: string): string =>
  `<radialGradient id="${id}">${[1, 0.82, 0.45, 0.14, 0].map((opacity, i) => `<stop offset="${i / 4}" stop-color="${colour}" stop-opacity="${opacity}"/>`).join('')}</radialGradient>`;

const blurDef = (id: string, amount: number): string =>
  `<filter id="${id}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="${round(amount)}"/></filter>`;

// Noise as light and dark specks: black or white with the noise's distance from the middle as its opacity.
const grainDef = (id: string, { fineX, fineY }: Texture, seed: number): string =>
  `<filter id="${id}" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="${fineX} ${fineY}" numOctaves="2" seed="${seed % 1000}"/><feColorMatrix values="0 0 0 0 0.1  0 0 0 0 0.12  0 0 0 0 0.08  2.6 0 0 0 -1.05"/></filter>`;

function documentOf(mode: SceneMode, defs: readonly string[], body: readonly string[]): string {
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${SCENE_WIDTH}" height="${SCENE_HEIGHT}" viewBox="0 0 ${SCENE_WIDTH} ${SCENE_HEIGHT}">`;
  const paper = mode === 'sketch' ? '<rect width="400" height="300" fill="#fff"/>' : '';
  return `${open}<defs>${defs.join('')}</defs>${paper}${body.join('')}</svg>`;
}

/** Path data of the basic forms. */
export const form = {
  ellipse: (cx: number, cy: number, rx: number, ry = rx): string =>
    `M${round(cx - rx)} ${round(cy)}a${round(rx)} ${round(ry)} 0 1 0 ${round(2 * rx)} 0a${round(rx)} ${round(ry)} 0 1 0 ${round(-2 * rx)} 0Z`,
  rect: (x: number, y: number, w: number, h: number): string =>
    `M${round(x)} ${round(y)}h${round(w)}v${round(h)}h${round(-w)}Z`,
  rounded: (x: number, y: number, w: number, h: number, r: number): string =>
    `M${round(x + r)} ${round(y)}h${round(w - 2 * r)}a${r} ${r} 0 0 1 ${r} ${r}v${round(h - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${r}h${round(2 * r - w)}a${r} ${r} 0 0 1 ${-r} ${-r}v${round(2 * r - h)}a${r} ${r} 0 0 1 ${r} ${-r}Z`,
  polygon: (...points: readonly number[]): string => `${polyPath(points)}Z`,
  polyline: (...points: readonly number[]): string => polyPath(points),
} as const;

function polyPath(points: readonly number[]): string {
  let d = '';
  for (let i = 0; i + 1 < points.length; i += 2) {
    d += `${i === 0 ? 'M' : 'L'}${round(points[i] ?? 0)} ${round(points[i + 1] ?? 0)}`;
  }
  return d;
}
