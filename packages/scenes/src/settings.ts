import type { Random } from '@freestyle/core';
import {
  cloud,
  type DayTime,
  farTrees,
  GRASS,
  ground,
  mountainRange,
  ridge,
  SAND,
  type SceneLight,
  SKIES,
  STONE,
  sky,
  WATER,
  WOOD,
} from './backdrop.js';
import { darker, lighter, mix } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { Place } from './subject.js';

/** Somewhere that a scene can be. */
export interface SceneSetting {
  /** `in a meadow`, `on a beach`. */
  readonly phrase: string;
  /** The same as a noun: `a meadow`. */
  readonly noun: string;
  readonly places: readonly Place[];
  /** Where ground meets sky, pixels from the top; things stand between it and the lower edge. */
  readonly horizon: number;
  /** Whether there is a sky: weather, sun and moon. */
  readonly outdoors: boolean;
  readonly times: readonly DayTime[];
  /** Draws everything behind the subjects. */
  draw(canvas: SceneCanvas, light: SceneLight, random: Random): void;
}

const { ellipse, rect, polygon } = form;

const ALL: readonly DayTime[] = ['day', 'sunset', 'night'];

export const settings: Readonly<Record<string, SceneSetting>> = {
  meadow: {
    phrase: 'in a green meadow',
    noun: 'a green meadow',
    places: ['land', 'air'],
    horizon: 168,
    outdoors: true,
    times: ALL,
    draw: (canvas, light, random) => {
      sky(canvas, 168, light, random);
      ridge(canvas, 168, 46, '#8fb39a', random);
      farTrees(canvas, 168, '#5d8d5a', random);
      ground(canvas, 168, '#8cba5b', '#4f8a38', GRASS);
      for (let i = 0; i < 40; i++) {
        const y = 190 + random.uniform() * 106;
        const colour = ['#f4f1e4', '#f2d047', '#e6a3bb'][random.integer(3)] ?? '#f4f1e4';
        canvas.shape(ellipse(random.uniform() * 400, y, y / 130, y / 170), colour, {
          soft: true,
          shading: 'flat',
        });
      }
    },
  },
  hills: {
    phrase: 'on rolling hills',
    noun: 'rolling hills',
    places: ['land', 'air'],
    horizon: 190,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 170, light, random);
      ridge(canvas, 160, 50, '#a8c0a0', random);
      ridge(canvas, 182, 56, '#86ab63', random, false);
      ground(canvas, 200, '#b4bd57', '#7b9a3e', GRASS);
    },
  },
  mountains: {
    phrase: 'in front of snowy mountains',
    noun: 'snowy mountains',
    places: ['land', 'air'],
    horizon: 178,
    outdoors: true,
    times: ALL,
    draw: (canvas, light, random) => {
      sky(canvas, 178, light, random);
      mountainRange(canvas, 176, random, '#6f7f95', true);
      farTrees(canvas, 178, '#3f6b4f', random);
      ground(canvas, 178, '#7fa65c', '#4e7c3c', GRASS);
    },
  },
  beach: {
    phrase: 'on a sandy beach',
    noun: 'a sandy beach',
    places: ['beach', 'air'],
    horizon: 196,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 140, light, random);
      canvas.band(
        140,
        206,
        light.time === 'day' ? '#3f87ba' : '#8a6f94',
        light.time === 'day' ? '#7fc6cf' : '#e0a07e',
        WATER,
      );
      ground(canvas, 200, '#ecd7a3', '#cfae72', SAND);
      const foam = 'M-4 200q40 -8 80 0t80 0t80 0t80 0t88 0v5q-44 8 -88 0t-80 0t-80 0t-80 0t-80 0Z';
      canvas.shape(foam, '#ffffff', { soft: true, opacity: 0.75, shading: 'flat' });
      canvas.line('M-4 140H404', '#2f6a94', 1.2, { opacity: 0.4 });
    },
  },
  sea: {
    phrase: 'on the open sea',
    noun: 'the open sea',
    places: ['water', 'air'],
    horizon: 158,
    outdoors: true,
    times: ALL,
    draw: (canvas, light, random) => {
      sky(canvas, 158, light, random);
      const [above, below] = light.time === 'sunset' ? ['#b9808f', '#4d4f7c'] : ['#4f97c0', '#1f5a86'];
      ground(canvas, 158, above, below, WATER);
      for (let i = 0; i < 26; i++) {
        const y = 166 + random.uniform() * 128;
        const w = (y - 140) * 0.16;
        const x = random.uniform() * 400;
        canvas.line(
          `M${x.toFixed(1)} ${y.toFixed(1)}q${(w / 2).toFixed(1)} -4 ${w.toFixed(1)} 0`,
          '#ffffff',
          1.6,
          { opacity: 0.45, minor: i > 4 },
        );
      }
    },
  },
  lake: {
    phrase: 'on a mountain lake',
    noun: 'a mountain lake',
    places: ['water', 'air'],
    horizon: 160,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 160, light, random);
      mountainRange(canvas, 156, random, '#7b8f86', false);
      farTrees(canvas, 160, '#47734c', random);
      ground(
        canvas,
        160,
        light.time === 'sunset' ? '#c99a8d' : '#8fc2c4',
        light.time === 'sunset' ? '#5c5a80' : '#3f8a94',
        WATER,
      );
      canvas.line(
        'M-4 286q14 -40 8 -52M10 296q10 -44 20 -60M386 296q-4 -40 6 -64M372 300q0 -34 -8 -50',
        '#5f8a45',
        3.4,
      );
    },
  },
  snow: {
    phrase: 'in the snow',
    noun: 'a snowy field',
    places: ['snow', 'air'],
    horizon: 176,
    outdoors: true,
    times: ['day', 'night'],
    draw: (canvas, light, random) => {
      sky(canvas, 176, light, random);
      ridge(canvas, 176, 58, '#c9d6e2', random);
      for (let x = 8; x < 400; x += 30 + random.integer(36)) {
        const h = 18 + random.uniform() * 20;
        canvas.shape(polygon(x - h * 0.36, 178, x, 178 - h, x + h * 0.36, 178), '#6f8f8c', { soft: true });
      }
      ground(canvas, 176, '#e6eef5', '#f8fbfd', { fineX: 0.03, fineY: 0.09, strength: 0.22 });
    },
  },
  desert: {
    phrase: 'in the desert',
    noun: 'a desert',
    places: ['savanna', 'air'],
    horizon: 180,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 180, light, random);
      ridge(canvas, 182, 40, '#d9a066', random);
      ground(canvas, 180, '#e6b56f', '#c68a44', SAND);
      ridge(canvas, 230, 26, '#d9a35c', random, false);
    },
  },
  savanna: {
    phrase: 'on the dry savanna',
    noun: 'a dry savanna',
    places: ['savanna'],
    horizon: 174,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 174, light, random);
      ridge(canvas, 174, 22, '#b5a27c', random);
      ground(canvas, 174, '#cdb25f', '#a58a3c', GRASS);
      for (const x of [48 + random.integer(50), 300 + random.integer(60)]) {
        canvas.line(`M${x} 178q2 -20 -2 -36M${x} 160q10 -8 16 -16`, '#5e4630', 3);
        canvas.shape(`M${x - 38} 146q10 -16 36 -14q30 -4 42 12q-40 8 -78 2Z`, '#6d7f3a');
      }
    },
  },
  forest: {
    phrase: 'in a dark forest',
    noun: 'a dark forest',
    places: ['land'],
    horizon: 186,
    outdoors: false,
    times: ['day'],
    draw: (canvas, _, random) => {
      canvas.band(-4, 190, '#4c7458', '#9dba84');
      for (const [depth, colour] of [
        [0, '#6f8f72'],
        [1, '#4d6b50'],
        [2, '#3a4a35'],
      ] as const) {
        for (let x = -10 + depth * 17; x < 410; x += 44 + random.integer(36)) {
          const w = 5 + depth * 5 + random.uniform() * 4;
          canvas.shape(rect(x, -6, w, 196 + depth * 6), mix(colour, '#5a4030', depth * 0.2), {
            minor: depth < 2,
          });
        }
      }
      for (let i = 0; i < 60; i++) {
        canvas.shape(
          ellipse(random.uniform() * 400, random.uniform() * 70, 14 + random.uniform() * 14, 9),
          mix('#3d6b3e', '#8fb45c', random.uniform()),
          { soft: true, opacity: 0.75, shading: 'round' },
        );
      }
      ground(canvas, 188, '#5f7a43', '#3c5230', GRASS);
      canvas.light(polygon(120, -10, 190, -10, 330, 300, 190, 300), '#fff6c8', 0.14, 10);
    },
  },
  street: {
    phrase: 'on a city street',
    noun: 'a city street',
    places: ['road'],
    horizon: 222,
    outdoors: true,
    times: ALL,
    draw: (canvas, light, random) => {
      sky(canvas, 170, light, random);
      for (let x = -8; x < 400; ) {
        const w = 50 + random.integer(34);
        const h = 80 + random.integer(84);
        const colour =
          ['#b98b6f', '#9aa4ad', '#c9b48c', '#a5746a', '#8694a6', '#d2c6b2'][random.integer(6)] ?? '#b98b6f';
        canvas.shape(rect(x, 206 - h, w, h), colour);
        for (let wy = 206 - h + 12; wy < 190; wy += 22) {
          for (let wx = x + 8; wx < x + w - 10; wx += 17) {
            canvas.shape(rect(wx, wy, 9, 12), '#5f7688', { minor: true, shading: 'flat' });
            if (random.uniform() < 0.55) canvas.glow(rect(wx, wy, 9, 12), '#ffd37ae0', 0.6);
          }
        }
        x += w;
      }
      canvas.band(206, 226, '#b9b6ad', '#a3a098', STONE);
      canvas.band(226, 304, '#63666c', '#4b4e54', STONE);
      canvas.line('M-4 206H404M-4 226H404', '#85827b', 1.4);
      canvas.line('M-10 280h50M80 280h50M170 280h50M260 280h50M350 280h60', '#e9e4cf', 4, { minor: true });
      canvas.line('M24 214v-82q0 -8 12 -8', '#3c4046', 3.6);
      canvas.glow(ellipse(40, 126, 16), '#ffe9a055', 5);
      canvas.glow(ellipse(40, 126, 5), '#fff3c8', 1);
    },
  },
  farm: {
    phrase: 'on a farm field',
    noun: 'a farm field',
    places: ['land', 'air'],
    horizon: 166,
    outdoors: true,
    times: ['day', 'sunset'],
    draw: (canvas, light, random) => {
      sky(canvas, 166, light, random);
      ridge(canvas, 166, 30, '#9fb487', random);
      ground(canvas, 166, '#d9bd5e', '#a9823c', GRASS);
      for (let i = -6; i <= 6; i++) {
        canvas.line(`M${200 + i * 14} 168L${200 + i * 74} 304`, '#8a6a32', 2.4, {
          opacity: 0.5,
          minor: true,
        });
      }
      for (let x = 4; x < 400; x += 34) canvas.line(`M${x} 186v-20`, '#8b6a4a', 3.4, { minor: x % 68 > 34 });
      canvas.line('M-4 172H404M-4 180H404', '#8b6a4a', 2.4);
    },
  },
  table: {
    phrase: 'on a wooden table',
    noun: 'a wooden table',
    places: ['table'],
    horizon: 196,
    outdoors: false,
    times: ['day'],
    draw: (canvas, _, random) => {
      const wall = ['#c9d3c4', '#d8c6b4', '#b8c6d3', '#d6cfa9', '#c7b3bd'][random.integer(5)] ?? '#c9d3c4';
      canvas.band(-4, 200, lighter(wall, 0.15), wall);
      canvas.light(polygon(60, -10, 190, -10, 120, 200, -20, 200), '#ffffff', 0.28, 14);
      canvas.band(196, 304, '#a8733f', '#7c5029', WOOD);
      canvas.line('M-4 196H404', '#5c3b1f', 2.4);
      canvas.line('M-4 228H404M-4 266H404', '#5f3d20', 1.4, { opacity: 0.5, minor: true });
    },
  },
  windowsill: {
    phrase: 'on a windowsill',
    noun: 'a windowsill',
    places: ['table'],
    horizon: 214,
    outdoors: false,
    times: ['day', 'night'],
    draw: (canvas, light, random) => {
      canvas.band(-4, 220, '#d9d2c4', '#cfc6b5');
      const [above, below] = SKIES[light.time];
      canvas.within(0, 0, 1, false, () => {
        canvas.shape(
          rect(46, 14, 308, 186),
          light.time === 'night' ? mix(above, below, 0.3) : mix(above, below, 0.6),
          { shading: 'flat' },
        );
        if (light.time === 'day') cloud(canvas, 110 + random.integer(180), 60, 0.8, '#ffffff');
        canvas.line('M46 14h308v186h-308ZM200 14v186M46 104h308', '#f7f4ec', 9);
        if (canvas.mode === 'sketch') canvas.line('M58 26h130v66h-130ZM212 26h130v66h-130Z', '#000000', 2);
      });
      canvas.band(206, 304, '#eeeae0', '#c9c1b0', STONE);
      canvas.line('M-4 206H404', '#a79f8e', 2.4);
    },
  },
  cloth: {
    phrase: 'on a checked tablecloth',
    noun: 'a checked tablecloth',
    places: ['table'],
    horizon: 176,
    outdoors: false,
    times: ['day'],
    draw: (canvas, _, random) => {
      const [wall, stripe] = (
        [
          ['#7f9cae', '#c8403c'],
          ['#b7a68e', '#3d6fb0'],
          ['#8fa68f', '#d0a038'],
        ] as const
      )[random.integer(3)] ?? ['#7f9cae', '#c8403c'];
      canvas.band(-4, 180, lighter(wall, 0.1), darker(wall, 0.1));
      canvas.band(176, 304, '#f7f3ea', '#e9e2d3', SAND);
      for (let i = -12; i <= 12; i += 2) {
        canvas.shape(
          polygon(200 + i * 24, 176, 200 + (i + 1) * 24, 176, 200 + (i + 1) * 42, 304, 200 + i * 42, 304),
          stripe,
          { soft: true, opacity: 0.5, shading: 'flat' },
        );
      }
      for (const [y, h] of [
        [180, 12],
        [206, 18],
        [244, 26],
        [292, 12],
      ] as const) {
        canvas.shape(rect(-4, y, 408, h), stripe, { soft: true, opacity: 0.5, shading: 'flat' });
      }
      canvas.line('M-4 176H404', darker(stripe, 0.2), 2);
    },
  },
};
