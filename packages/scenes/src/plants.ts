import { darker, lighter } from './colours.js';
import { form } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rect } = form;
const BARK = '#6d4a2f';

export const plants: Readonly<Record<string, SceneSubject>> = {
  tree: {
    class: 'tree',
    one: 'tree',
    many: 'trees',
    colours: ['green', 'orange', 'yellow', 'red', 'pink'],
    places: ['land'],
    atMost: 4,
    width: 100,
    height: 130,
    size: 168,
    draw: (canvas, colour, random) => {
      canvas.shape('M-8 0q4 -28 0 -60h16q-4 34 0 60Z', BARK);
      canvas.line('M2 -48l18 -22M-2 -52l-18 -20', BARK, 5, { minor: true });
      const crown =
        'M-34 -52q-22 -4 -18 -24q-6 -20 14 -26q4 -24 28 -24q22 -8 34 12q22 0 22 22q12 18 -6 30q-4 16 -24 12q-14 12 -28 2q-14 6 -22 -4Z';
      canvas.shape(crown, colour, { shading: 'round' });
      for (let i = 0; i < 26; i++) {
        const a = random.uniform() * 6.28;
        const r = Math.sqrt(random.uniform()) * 40;
        const [x, y] = [r * Math.cos(a), -88 + r * 0.8 * Math.sin(a)];
        const leaf = y < -92 ? lighter(colour, 0.25) : darker(colour, 0.22);
        canvas.shape(ellipse(x, y, 6 + 3 * random.uniform(), 4.5), leaf, {
          soft: true,
          opacity: 0.45,
          shading: 'flat',
        });
      }
    },
  },
  pine: {
    class: 'tree',
    one: 'pine tree',
    many: 'pine trees',
    colours: ['green'],
    places: ['land', 'snow'],
    atMost: 5,
    width: 76,
    height: 140,
    size: 172,
    draw: (canvas) => {
      canvas.shape(rect(-6, -22, 12, 22), BARK);
      const needles = '#2f6b46';
      canvas.shape('M-38 -18q20 -18 26 -38h24q8 22 26 38q-38 10 -76 0Z', darker(needles, 0.2));
      canvas.shape('M-30 -50q16 -16 22 -36h16q6 20 22 36q-30 9 -60 0Z', needles);
      canvas.shape('M-22 -80q12 -16 22 -58q8 40 22 58q-22 8 -44 0Z', lighter(needles, 0.12));
    },
  },
  palm: {
    class: 'tree',
    one: 'palm tree',
    many: 'palm trees',
    colours: [],
    places: ['beach'],
    atMost: 3,
    width: 110,
    height: 150,
    size: 186,
    draw: (canvas) => {
      canvas.shape('M-10 0q4 -60 14 -112h9q-10 56 -9 112Z', '#8f6b43');
      for (let y = -8; y > -104; y -= 9)
        canvas.line(`M${-8 - y * 0.13} ${y}l11 -1`, '#6c4c2d', 1.3, { minor: true });
      const leaf = '#3d8a45';
      for (const [dx, dy] of [
        [-58, 10],
        [-50, -18],
        [-20, -38],
        [24, -38],
        [52, -16],
        [56, 14],
      ] as const) {
        const bend = dy < 0 ? -26 : -22;
        canvas.shape(
          `M8 -112q${dx * 0.5} ${bend + dy * 0.6} ${dx} ${dy}q${-dx * 0.4} ${-dy * 0.3 - 6} ${-dx} ${-dy}Z`,
          dx < 0 ? darker(leaf, 0.12) : leaf,
        );
      }
      canvas.shape(ellipse(4, -107, 5), '#6a4326', { shading: 'round' });
      canvas.shape(ellipse(12, -105, 5), '#5a391f', { shading: 'round' });
    },
  },
  flower: {
    class: 'flower',
    one: 'flower',
    many: 'flowers',
    colours: ['red', 'yellow', 'purple', 'pink', 'white', 'blue', 'orange'],
    places: ['land'],
    atMost: 5,
    width: 60,
    height: 112,
    size: 128,
    draw: (canvas, colour) => {
      canvas.line('M0 0q-6 -40 0 -78', '#3e7f3a', 5);
      canvas.shape('M-2 -22q-26 -6 -30 -26q24 0 30 26Z', '#4a9444');
      canvas.shape('M-2 -34q22 -8 28 -26q-22 -2 -28 26Z', '#418a3e');
      for (let i = 0; i < 7; i++) {
        const a = (i / 7) * 2 * Math.PI;
        canvas.shape(ellipse(19 * Math.cos(a), -84 + 19 * Math.sin(a), 12.5), colour, { shading: 'round' });
      }
      const heart = colour === '#f0c531' ? '#7a4a1f' : '#f2c434';
      canvas.shape(ellipse(0, -84, 12), heart, { shading: 'round' });
    },
  },
  mushroom: {
    class: 'mushroom',
    one: 'mushroom',
    many: 'mushrooms',
    colours: ['red', 'brown', 'orange'],
    places: ['land'],
    atMost: 4,
    width: 80,
    height: 76,
    size: 92,
    draw: (canvas, colour) => {
      canvas.shape('M-14 0q6 -20 2 -42h24q-4 22 2 42q-14 5 -28 0Z', '#efe6d3');
      canvas.shape('M-40 -38q4 -38 40 -38t40 38q-40 16 -80 0Z', colour);
      for (const [x, y, r] of [
        [-20, -50, 6],
        [2, -62, 7],
        [22, -48, 5],
        [-2, -42, 4],
      ] as const) {
        canvas.shape(ellipse(x, y, r, r * 0.8), '#f7f2e8', { shading: 'flat' });
      }
    },
  },
  cactus: {
    class: 'cactus',
    one: 'cactus',
    many: 'cacti',
    colours: [],
    places: ['savanna'],
    atMost: 4,
    width: 80,
    height: 120,
    size: 140,
    draw: (canvas) => {
      const skin = '#4c8c4a';
      canvas.shape('M-12 -46q-26 4 -26 -18v-14q0 -6 6 -6t6 6v10q0 8 14 6Z', skin);
      canvas.shape('M12 -36q28 4 28 -20v-18q0 -6 -6 -6t-6 6v14q0 10 -16 8Z', darker(skin, 0.1));
      canvas.shape('M-13 0v-104q0 -14 13 -14t13 14v104Z', skin);
      canvas.line('M-5 -4v-104M4 -4v-104', darker(skin, 0.25), 1.2, { minor: true });
      canvas.shape(ellipse(0, -118, 6, 4), '#e07a9a', { minor: true });
    },
  },
};
