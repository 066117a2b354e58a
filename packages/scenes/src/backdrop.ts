import type { Random } from '@freestyle/core';
import { darker, mix } from './colours.js';
import { form, type SceneCanvas, type Texture } from './scene-canvas.js';

export type DayTime = 'day' | 'sunset' | 'night';

export interface SceneLight {
  readonly time: DayTime;
  /** Rain, fog or snow: no sun, no moon. */
  readonly overcast: boolean;
}

const { ellipse, polygon } = form;
export const GRASS: Texture = { fineX: 0.5, fineY: 0.16, strength: 0.5 };
export const SAND: Texture = { fineX: 0.7, fineY: 0.5, strength: 0.4 };
export const WATER: Texture = { fineX: 0.02, fineY: 0.22, strength: 0.5 };
export const STONE: Texture = { fineX: 0.35, fineY: 0.35, strength: 0.4 };
export const WOOD: Texture = { fineX: 0.012, fineY: 0.35, strength: 0.55 };

export const SKIES: Readonly<Record<DayTime, readonly [string, string]>> = {
  day: ['#5f9fdc', '#d3e7f2'],
  sunset: ['#6a5a9a', '#f3a35e'],
  night: ['#1b2f5c', '#4a6596'],
};

/** Sky down to the horizon, with sun or moon and clouds. */
export function sky(
  canvas: SceneCanvas,
  horizon: number,
  { time, overcast }: SceneLight,
  random: Random,
): void {
  const [above, below] = SKIES[time];
  canvas.band(-4, horizon + 4, above, below);
  if (!overcast) sunOrMoon(canvas, horizon, time, random);
  const tint = time === 'day' ? '#ffffff' : time === 'sunset' ? '#f7c9a4' : '#5a6e9c';
  const count = 1 + random.integer(4);
  for (let i = 0; i < count; i++) {
    cloud(
      canvas,
      30 + random.uniform() * 340,
      20 + random.uniform() * (horizon * 0.45),
      0.5 + random.uniform() * 0.7,
      tint,
    );
  }
}

function sunOrMoon(canvas: SceneCanvas, horizon: number, time: DayTime, random: Random): void {
  const x = 50 + random.uniform() * 300;
  if (time === 'night') {
    for (let i = 0; i < 40; i++) {
      const at = ellipse(
        random.uniform() * 400,
        random.uniform() * (horizon - 30),
        0.6 + random.uniform() * 0.7,
      );
      canvas.shape(at, '#ffffff', { soft: true, shading: 'flat', opacity: 0.9 });
    }
    canvas.halo(x, 46, 64, 64, '#dfe8ff', 0.5);
    canvas.shape(ellipse(x, 46, 17), '#f4f1dc', { soft: canvas.mode !== 'sketch', shading: 'round' });
    return;
  }
  const y = time === 'sunset' ? horizon - 34 : 44;
  canvas.halo(x, y, 100, 100, time === 'sunset' ? '#ffd08a' : '#fffbe0', 0.85);
  canvas.shape(ellipse(x, y, 20), time === 'sunset' ? '#ffb347' : '#fff3b0', {
    soft: canvas.mode !== 'sketch',
    shading: 'flat',
  });
}

export function cloud(canvas: SceneCanvas, x: number, y: number, size: number, tint: string): void {
  canvas.within(x, y, size, false, () => {
    const d = 'M-44 8q-14 0 -12 -12q4 -12 18 -8q6 -18 26 -14q18 -6 26 10q18 -4 22 10q12 6 2 14Z';
    if (canvas.mode === 'photo') canvas.light(d, tint, 0.8, 3.2);
    else canvas.shape(d, tint, { soft: true, opacity: 0.9 });
  });
}

/** Rolling ridges, far ones paler. */
export function ridge(
  canvas: SceneCanvas,
  base: number,
  height: number,
  colour: string,
  random: Random,
  soft = true,
): void {
  let d = `M-6 ${base + 30}L-6 ${base - height * random.uniform()}`;
  for (let x = -6; x < 406; x += 58 + random.integer(40)) {
    const peak = base - height * (0.3 + 0.7 * random.uniform());
    d += `Q${x + 24} ${Math.round(peak)} ${x + 60} ${Math.round(base - height * 0.45 * random.uniform())}`;
  }
  canvas.shape(`${d}L460 ${base + 30}Z`, colour, { soft, shading: 'flat' });
}

/** Three or four peaks side by side, with snow on them if asked. */
export function mountainRange(
  canvas: SceneCanvas,
  base: number,
  random: Random,
  tint: string,
  snow: boolean,
): void {
  const count = 3 + random.integer(2);
  for (let i = 0; i < count; i++) {
    const x = (400 / count) * (i + 0.5) + (random.uniform() - 0.5) * 50;
    const h = 80 + random.uniform() * 60;
    const w = 90 + random.uniform() * 50;
    const colour = mix(tint, '#a9bdd0', 0.15 * (i % 3));
    canvas.shape(polygon(x - w, base + 8, x - 8, base - h, x + 6, base - h + 4, x + w, base + 8), colour);
    if (!canvas.mode.startsWith('sketch')) {
      canvas.shape(
        polygon(x + 6, base - h + 4, x + w, base + 8, x + w * 0.2, base + 8, x + 16, base - h * 0.5),
        darker(colour, 0.2),
        { soft: true },
      );
    }
    if (snow) {
      const k = 0.36;
      canvas.shape(
        polygon(
          x - 8,
          base - h,
          x - 8 - (w - 8) * k,
          base - h * (1 - k),
          x - w * 0.12,
          base - h * 0.74,
          x + 3,
          base - h * 0.62,
          x + w * 0.16,
          base - h * 0.75,
          x + w * k,
          base - h * (1 - k),
          x + 6,
          base - h + 4,
        ),
        '#f6f9fc',
      );
    }
  }
}

/** Ground from the horizon to the lower edge, textured. */
export function ground(
  canvas: SceneCanvas,
  horizon: number,
  above: string,
  below: string,
  texture: Texture,
): void {
  canvas.band(horizon, 304, above, below, texture);
  canvas.line(`M-4 ${horizon}H404`, darker(above, 0.3), 1, { soft: canvas.mode !== 'sketch', opacity: 0.25 });
}

/** A row of far trees along the horizon. */
export function farTrees(canvas: SceneCanvas, horizon: number, colour: string, random: Random): void {
  for (let x = -10; x < 410; x += 13 + random.integer(16)) {
    const r = 8 + random.uniform() * 12;
    canvas.shape(ellipse(x, horizon - r * 0.4, r, r * 1.1), mix(colour, '#9fb6c0', random.uniform() * 0.3), {
      soft: true,
      shading: 'round',
    });
  }
}
