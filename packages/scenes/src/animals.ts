import { darker, lighter } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rounded } = form;

function legs(canvas: SceneCanvas, xs: readonly number[], top: number, width: number, colour: string): void {
  for (const [i, x] of xs.entries()) {
    // Every other leg is on the far side.
    canvas.shape(
      rounded(x - width / 2, top, width, -top, width * 0.3),
      i % 2 === 0 ? colour : darker(colour, 0.25),
    );
  }
}

function eye(canvas: SceneCanvas, x: number, y: number, r: number): void {
  canvas.shape(ellipse(x, y, r), '#17171c', { shading: 'flat' });
  canvas.light(ellipse(x - r * 0.3, y - r * 0.3, r * 0.35), '#ffffff', 0.9, 0);
}

export const animals: Readonly<Record<string, SceneSubject>> = {
  cow: {
    class: 'cow',
    one: 'cow',
    many: 'cows',
    colours: ['brown', 'black', 'white'],
    places: ['land'],
    atMost: 4,
    width: 120,
    height: 82,
    size: 96,
    draw: (canvas, colour) => {
      legs(canvas, [-32, -22, 26, 36], -36, 9, colour);
      canvas.line('M-46 -58q-10 10 -8 28', darker(colour), 3);
      canvas.shape('M-46 -62q8 -10 34 -8q28 -4 46 2q10 4 8 24q-4 18 -22 18h-46q-20 0 -22 -16Z', colour);
      canvas.shape(
        'M-18 -66q16 -4 20 8q-2 12 -14 10q-14 -4 -6 -18Z',
        colour === '#f2f0ea' ? '#33302f' : '#f4f1ea',
        { minor: true, shading: 'flat' },
      );
      canvas.shape(ellipse(4, -30, 10, 6), '#e7a9a5', { minor: true });
      canvas.shape('M36 -70q10 -12 24 -6q8 10 4 24q-2 10 -12 10q-12 -2 -16 -14Z', colour);
      canvas.shape(ellipse(58, -48, 8, 7), '#e3b3a6', { shading: 'flat' });
      canvas.shape('M38 -74q-10 -4 -12 4q6 6 12 2Z', darker(colour, 0.15));
      canvas.line('M46 -76q-2 -8 4 -10M58 -76q4 -6 0 -10', '#d8cdb4', 3);
      eye(canvas, 53, -64, 2.6);
    },
  },
  sheep: {
    class: 'sheep',
    one: 'sheep',
    many: 'sheep',
    colours: ['white', 'black', 'grey'],
    places: ['land'],
    atMost: 5,
    width: 90,
    height: 66,
    size: 72,
    draw: (canvas, colour) => {
      const skin = colour === '#2b2b30' ? '#55504d' : '#3b3533';
      legs(canvas, [-22, -14, 14, 22], -22, 6, skin);
      canvas.shape(
        'M-30 -34q-14 -2 -10 -14q-2 -12 10 -12q4 -10 16 -6q10 -8 20 0q12 -4 14 8q12 2 8 14q4 12 -8 14q-4 10 -16 6q-8 6 -18 0q-12 2 -16 -10Z',
        colour,
        { shading: 'round' },
      );
      canvas.shape('M22 -56q14 -8 20 4q2 14 -6 18q-10 2 -14 -8Z', skin);
      canvas.shape('M22 -56q-8 -2 -8 6q6 4 10 0Z', skin);
      canvas.shape(ellipse(27, -59, 8, 5), colour, { shading: 'round', minor: true });
      eye(canvas, 34, -50, 2);
    },
  },
  horse: {
    class: 'horse',
    one: 'horse',
    many: 'horses',
    colours: ['brown', 'black', 'white', 'grey'],
    places: ['land', 'beach'],
    atMost: 3,
    width: 120,
    height: 100,
    size: 118,
    draw: (canvas, colour) => {
      const mane = colour === '#f2f0ea' ? '#c9c0b0' : darker(colour, 0.5);
      canvas.shape('M-42 -60q-18 4 -16 36q2 6 6 2q0 -20 14 -30Z', mane);
      legs(canvas, [-32, -23, 20, 28], -44, 7.5, colour);
      canvas.shape(
        'M-44 -64q6 -8 24 -6q18 4 34 0q6 -16 14 -28l14 14q-6 12 -10 26q0 22 -16 22h-46q-18 0 -14 -28Z',
        colour,
      );
      canvas.shape('M26 -98q10 -8 16 -2l20 22q2 8 -6 8q-14 -6 -24 -12Z', colour);
      canvas.shape('M28 -100q-12 8 -16 32q8 0 10 -6q4 -12 12 -18Z', mane);
      canvas.shape('M30 -98l0 -10l8 8Z', colour);
      eye(canvas, 42, -87, 2.2);
      canvas.line('M57 -74l2 0', '#222222', 2);
    },
  },
  dog: {
    class: 'dog',
    one: 'dog',
    many: 'dogs',
    colours: ['brown', 'black', 'white', 'orange'],
    places: ['land', 'beach', 'snow', 'road'],
    atMost: 3,
    width: 90,
    height: 70,
    size: 82,
    draw: (canvas, colour) => {
      canvas.line('M-30 -40q-16 -6 -14 -22', colour, 6);
      if (canvas.mode === 'sketch') canvas.line('M-33 -34q-18 -6 -16 -24', colour, 3);
      legs(canvas, [-24, -16, 14, 22], -28, 7, colour);
      canvas.shape('M-34 -44q4 -8 18 -6q16 4 28 -2q12 0 14 12q0 16 -12 18h-34q-16 0 -14 -22Z', colour);
      canvas.shape('M10 -62q6 -12 20 -8l14 12q8 4 4 12q-10 6 -22 4q-16 -4 -16 -20Z', colour);
      canvas.shape('M12 -64q-10 4 -8 22q10 2 12 -8Z', darker(colour, 0.3));
      canvas.shape(ellipse(47, -53, 4, 3.4), '#1c1a1c', { shading: 'flat' });
      canvas.line('M44 -44q-6 4 -10 2', '#241c1c', 1.6, { minor: true });
      eye(canvas, 28, -59, 2.4);
      canvas.shape('M8 -46q10 8 18 2l-2 7q-10 4 -17 -3Z', '#c8342f', { minor: true, shading: 'flat' });
    },
  },
  cat: {
    class: 'cat',
    one: 'cat',
    many: 'cats',
    colours: ['orange', 'black', 'grey', 'white'],
    places: ['land', 'road', 'snow', 'table'],
    atMost: 3,
    width: 64,
    height: 80,
    size: 78,
    draw: (canvas, colour) => {
      canvas.line('M22 -6q26 -2 22 -28q-2 -8 4 -12', darker(colour, 0.1), 7);
      canvas.shape('M-18 0q-8 -30 4 -44q14 -8 28 0q16 18 12 44Z', colour);
      canvas.shape('M-16 0q2 -8 10 -8q6 2 6 8ZM4 0q2 -8 10 -8q6 2 6 8Z', lighter(colour, 0.2), {
        minor: true,
      });
      canvas.shape(
        'M-22 -82l10 10q12 -4 22 0l10 -10q4 16 2 24q-2 18 -22 18q-22 0 -24 -18q-2 -10 2 -24Z',
        colour,
      );
      canvas.shape('M-19 -75l6 6l-6 5ZM17 -75l-6 6l6 5Z', '#e8a7a2', { minor: true, shading: 'flat' });
      canvas.shape(ellipse(-9, -58, 4, 4.5), '#b7cf4a', { shading: 'flat' });
      canvas.shape(ellipse(8, -58, 4, 4.5), '#b7cf4a', { shading: 'flat' });
      eye(canvas, -9, -58, 2);
      eye(canvas, 8, -58, 2);
      canvas.shape('M-3 -51h5l-2.5 3Z', '#d98a86', { shading: 'flat', minor: true });
      canvas.line('M-6 -48l-20 -3M-6 -46l-19 3M5 -48l20 -3M5 -46l19 3', '#e9e4dc', 0.9);
    },
  },
  elephant: {
    class: 'elephant',
    one: 'elephant',
    many: 'elephants',
    colours: [],
    places: ['savanna'],
    atMost: 3,
    width: 130,
    height: 104,
    size: 132,
    draw: (canvas) => {
      const hide = '#8b8a92';
      canvas.line('M-52 -70q-8 12 -6 28', darker(hide), 3);
      legs(canvas, [-36, -22, 18, 32], -44, 15, hide);
      canvas.shape('M-54 -70q4 -26 44 -28q38 -2 48 20q2 34 -12 46h-62q-20 -6 -18 -38Z', hide);
      canvas.shape(
        'M30 -96q22 -10 34 8q6 14 4 36q-2 18 -4 30q-2 8 8 4q4 2 2 8q-14 8 -20 -6q-2 -18 -4 -30q-16 0 -24 -16Z',
        hide,
      );
      canvas.shape('M26 -94q-20 2 -20 24q4 24 18 22q12 -4 14 -24q0 -16 -12 -22Z', lighter(hide, 0.1));
      canvas.shape('M52 -52q8 14 24 12q-8 8 -20 2q-6 -4 -8 -12Z', '#f1ead6');
      eye(canvas, 48, -78, 2.6);
    },
  },
  giraffe: {
    class: 'giraffe',
    one: 'giraffe',
    many: 'giraffes',
    colours: [],
    places: ['savanna'],
    atMost: 3,
    width: 90,
    height: 150,
    size: 178,
    draw: (canvas, _, random) => {
      const hide = '#e2b660';
      canvas.line('M-30 -66q-10 14 -6 28', darker(hide, 0.4), 2.5);
      legs(canvas, [-24, -16, 10, 18], -52, 6.5, hide);
      canvas.shape('M-32 -66q4 -14 24 -12l14 -4l18 -58l13 3l-9 60q-2 28 -14 29h-34q-14 -2 -12 -18Z', hide);
      canvas.shape('M22 -142q2 -12 14 -10l18 12q4 6 -2 8q-18 2 -24 2Z', hide);
      canvas.line('M28 -150l-2 -9M35 -151l2 -9', '#6b4a2a', 2.6);
      for (let i = 0; i < 16; i++) {
        const neck = i < 6;
        const x = neck ? 27 - i * 2.6 + random.uniform() * 3 : -26 + random.uniform() * 38;
        const y = neck ? -134 + i * 10 : -72 + random.uniform() * 16;
        canvas.shape(ellipse(x, y, 3.4 + random.uniform(), 3.2), '#9a5f2b', {
          minor: true,
          shading: 'flat',
          soft: true,
        });
      }
      eye(canvas, 36, -145, 2);
    },
  },
  duck: {
    class: 'duck',
    one: 'duck',
    many: 'ducks',
    colours: ['yellow', 'white', 'brown'],
    places: ['water'],
    atMost: 5,
    width: 60,
    height: 46,
    size: 52,
    draw: (canvas, colour) => {
      canvas.shape('M-30 -20q4 16 18 18h20q18 -4 18 -22q-12 6 -26 2q-14 -2 -18 2q-6 2 -12 0Z', colour, {
        shading: 'round',
      });
      canvas.shape('M-14 -18q12 -8 24 0q-4 12 -14 11q-8 -2 -10 -11Z', darker(colour, 0.12));
      canvas.shape('M24 -36l16 4q2 4 -4 5l-13 -1Z', '#e8862a', { shading: 'flat' });
      canvas.shape(ellipse(16, -34, 12, 11), colour, { shading: 'round' });
      eye(canvas, 19, -37, 2.2);
    },
  },
  bird: {
    class: 'bird',
    one: '{colour} bird',
    many: '{colour} birds',
    colours: ['white', 'black', 'blue', 'red'],
    places: ['air'],
    atMost: 5,
    width: 90,
    height: 56,
    size: 54,
    draw: (canvas, colour) => {
      canvas.shape('M-6 -30q-10 -26 -34 -30q8 18 20 34Z', darker(colour, 0.2));
      canvas.shape('M-32 -22l-18 2l8 -10Z', darker(colour, 0.1));
      canvas.shape('M-34 -22q14 -14 40 -14q16 -6 22 6q-6 14 -26 16q-24 2 -36 -8Z', colour);
      canvas.shape('M2 -30q4 -26 28 -34q-2 22 -16 40Z', colour);
      canvas.shape('M27 -33l13 4l-13 3Z', '#e5a02f', { shading: 'flat' });
      eye(canvas, 22, -31, 1.9);
    },
  },
  butterfly: {
    class: 'butterfly',
    one: 'butterfly',
    many: 'butterflies',
    colours: ['orange', 'blue', 'yellow', 'purple', 'white'],
    places: ['air'],
    atMost: 4,
    width: 70,
    height: 60,
    size: 58,
    draw: (canvas, colour) => {
      for (const side of [-1, 1]) {
        canvas.shape(`M0 -28q${side * 8} -34 ${side * 32} -30q${side * 8} 22 ${side * -30} 34Z`, colour);
        canvas.shape(
          `M0 -26q${side * 26} 2 ${side * 24} 18q${side * -14} 14 ${side * -24} -10Z`,
          darker(colour, 0.15),
        );
        canvas.shape(ellipse(side * 21, -45, 5, 5), '#fff4d6', { minor: true, shading: 'flat' });
      }
      canvas.shape(ellipse(0, -27, 3, 16), '#2a2326');
      canvas.line('M-1 -42q-4 -10 -10 -12M1 -42q4 -10 10 -12', '#2a2326', 1.4);
    },
  },
  fish: {
    class: 'fish',
    one: '{colour} fish leaping from the water',
    many: '{colour} fish leaping from the water',
    colours: ['orange', 'blue', 'grey'],
    places: ['water'],
    atMost: 3,
    width: 84,
    height: 50,
    size: 56,
    draw: (canvas, colour) => {
      canvas.shape('M-24 -30l-22 -14q6 16 0 30Z', darker(colour, 0.15));
      canvas.shape('M-8 -46q10 -12 24 -4l-6 10Z', darker(colour, 0.15));
      canvas.shape('M-26 -30q18 -24 44 -18q20 6 26 18q-8 14 -26 18q-26 4 -44 -18Z', colour, {
        shading: 'round',
      });
      canvas.line('M16 -45q-8 14 0 30', darker(colour, 0.35), 1.8);
      eye(canvas, 29, -35, 3);
      canvas.light('M-26 4q26 -8 52 0q-26 6 -52 0Z', '#ffffff', 0.7, 1);
    },
  },
};
