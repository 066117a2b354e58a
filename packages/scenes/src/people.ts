import { COLOURS, darker, lighter } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rounded, polygon } = form;
const SKINS = ['#f0c9a4', '#c98f62', '#8a5a3a', '#e3b184'] as const;
const HAIRS = ['#2d211b', '#6b4527', '#c99a4b', '#8d8a86'] as const;

/** Legs, trunk and head of somebody who stands; clothes in `colour`. */
function person(canvas: SceneCanvas, colour: string, skin: string, hair: string): void {
  canvas.shape('M-11 -44h10l-1 42h-9ZM1 -44h10v42h-9Z', '#3b4763');
  canvas.shape(rounded(-14, -5, 13, 5, 2), '#2a2525', { minor: true });
  canvas.shape(rounded(2, -5, 13, 5, 2), '#2a2525', { minor: true });
  canvas.shape('M-14 -78q14 -8 28 0l3 36h-34Z', colour);
  canvas.shape(ellipse(0, -92, 11, 12), skin, { shading: 'round' });
  canvas.shape('M-12 -92q-2 -16 12 -16t12 16q-6 -8 -12 -8t-12 8Z', hair);
  canvas.line('M-4 -92h0.1M4 -92h0.1', '#1e1a1a', 2.2);
  canvas.line('M-3 -86q3 2.4 6 0', '#7b3f35', 1.2, { minor: true });
}

function arm(canvas: SceneCanvas, d: string, colour: string): void {
  canvas.line(d, darker(colour, 0.12), canvas.mode === 'sketch' ? 2 : 7);
}

const pick = <T>(items: readonly T[], index: number, fallback: T): T => items[index] ?? fallback;

export const people: Readonly<Record<string, SceneSubject>> = {
  person: {
    class: 'person',
    one: 'person in a {colour} shirt',
    many: 'people in {colour} shirts',
    colours: ['red', 'yellow', 'blue', 'green', 'purple', 'white'],
    places: ['land', 'beach', 'road', 'snow'],
    atMost: 4,
    width: 60,
    height: 108,
    size: 132,
    draw: (canvas, colour, random) => {
      arm(canvas, 'M-13 -72l-9 26', colour);
      arm(canvas, 'M13 -72l12 -14l2 -18', colour);
      person(
        canvas,
        colour,
        pick(SKINS, random.integer(4), SKINS[0]),
        pick(HAIRS, random.integer(4), HAIRS[0]),
      );
    },
  },
  umbrellaPerson: {
    class: 'person',
    one: 'person with a {colour} umbrella',
    many: 'people with {colour} umbrellas',
    colours: ['red', 'yellow', 'blue', 'purple', 'pink'],
    places: ['road', 'land'],
    atMost: 3,
    width: 90,
    height: 140,
    size: 156,
    draw: (canvas, colour, random) => {
      person(
        canvas,
        '#566078',
        pick(SKINS, random.integer(4), SKINS[0]),
        pick(HAIRS, random.integer(4), HAIRS[0]),
      );
      arm(canvas, 'M-13 -72l-7 28', '#566078');
      arm(canvas, 'M13 -72l8 12l6 -8', '#566078');
      canvas.line('M27 -60v-62', '#4a3a30', 2.6);
      canvas.shape(
        'M-22 -106q8 -36 48 -36t48 36q-8 -8 -16 0q-8 -8 -16 0q-8 -8 -16 0q-8 -8 -16 0q-8 -8 -16 0q-8 -8 -16 0Z',
        colour,
      );
    },
  },
  child: {
    class: 'person',
    one: 'child with a {colour} balloon',
    many: 'children with {colour} balloons',
    colours: ['red', 'yellow', 'blue', 'green', 'pink'],
    places: ['land', 'beach', 'road'],
    atMost: 3,
    width: 90,
    height: 170,
    size: 168,
    draw: (canvas, colour, random) => {
      const shirt = pick(['#e8a33c', '#5aa0c8', '#8a6bb0', '#d86a6a'], random.integer(4), '#e8a33c');
      canvas.within(0, 0, 0.8, false, () => {
        person(
          canvas,
          shirt,
          pick(SKINS, random.integer(4), SKINS[0]),
          pick(HAIRS, random.integer(4), HAIRS[0]),
        );
        arm(canvas, 'M-13 -72l-8 26', shirt);
        arm(canvas, 'M13 -72l14 -12', shirt);
      });
      canvas.line('M21 -68q10 -20 6 -46', '#55555c', 1.2);
      canvas.shape('M27 -114q-22 -14 -22 -34a22 24 0 0 1 44 0q0 20 -22 34Z', colour, { shading: 'round' });
    },
  },
  snowman: {
    class: 'snowman',
    one: 'snowman',
    many: 'snowmen',
    colours: [],
    places: ['snow'],
    atMost: 3,
    width: 70,
    height: 120,
    size: 140,
    draw: (canvas, _, random) => {
      const scarf = pick([COLOURS.red, COLOURS.blue, COLOURS.green], random.integer(3), COLOURS.red);
      canvas.line('M-20 -58l-22 -16M20 -58l22 -18', '#5a3f2a', 3.4);
      canvas.shape(ellipse(0, -26, 32, 28), '#f3f6fa', { shading: 'round' });
      canvas.shape(ellipse(0, -64, 23, 20), '#f5f8fb', { shading: 'round' });
      canvas.shape(ellipse(0, -92, 16, 15), '#f7f9fc', { shading: 'round' });
      canvas.shape('M-18 -80q18 8 36 0v7q-6 4 -10 4l4 20h-8l-4 -19q-10 0 -18 -5Z', scarf);
      canvas.shape('M-18 -102h36v5h-36ZM-11 -124h22v22h-22Z', '#26262c');
      canvas.shape('M0 -92l20 4l-20 3Z', '#e8822a', { shading: 'flat' });
      canvas.line('M-6 -96h0.1M6 -96h0.1M0 -66h0.1M0 -56h0.1', '#1f1f24', 3.8);
    },
  },
  parasol: {
    class: 'umbrella',
    one: 'beach umbrella',
    many: 'beach umbrellas',
    colours: ['red', 'yellow', 'blue', 'green', 'orange', 'pink'],
    places: ['beach'],
    atMost: 3,
    width: 120,
    height: 112,
    size: 132,
    draw: (canvas, colour) => {
      canvas.line('M0 0v-104', '#d8d0bf', 4);
      canvas.shape('M-58 -66q10 -44 58 -46q48 2 58 46q-58 -14 -116 0Z', colour);
      canvas.shape('M-22 -71q2 -30 22 -41q20 11 22 41q-22 -4 -44 0Z', '#f7f3ea');
      canvas.shape('M-16 0q26 -12 64 0q-28 6 -64 0Z', lighter(colour, 0.3), { minor: true });
    },
  },
  kite: {
    class: 'kite',
    one: 'kite',
    many: 'kites',
    colours: ['red', 'yellow', 'green', 'blue', 'purple', 'pink'],
    places: ['air'],
    atMost: 3,
    width: 70,
    height: 120,
    size: 118,
    draw: (canvas, colour) => {
      canvas.line('M0 -40q-14 12 0 22t0 20', '#6c5a4a', 1.8);
      for (const y of [-26, -8])
        canvas.shape(`M-2 ${y}l-9 -5v10ZM-2 ${y}l9 -5v10Z`, '#f0c531', { minor: true });
      canvas.shape(polygon(0, -120, 32, -84, 0, -38, -32, -84), colour);
      canvas.shape(polygon(0, -120, 32, -84, 0, -84), lighter(colour, 0.4), { minor: true });
      canvas.shape(polygon(0, -84, 0, -38, -32, -84), lighter(colour, 0.25), { minor: true });
      canvas.line('M0 -120v82M-32 -84h64', darker(colour, 0.45), 1.6);
    },
  },
};
