import { darker, lighter } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rect, rounded } = form;

const leafAt = (canvas: SceneCanvas, x: number, y: number): void => {
  canvas.line(`M${x} ${y}q1 -8 5 -11`, '#5d3f24', 3);
  canvas.shape(`M${x + 3} ${y - 6}q12 -10 20 0q-12 7 -20 0Z`, '#4f9a48', { minor: true });
};

export const tableThings: Readonly<Record<string, SceneSubject>> = {
  apple: {
    class: 'fruit',
    one: 'apple',
    many: 'apples',
    colours: ['red', 'green', 'yellow'],
    places: ['table'],
    atMost: 5,
    width: 64,
    height: 70,
    size: 78,
    draw: (canvas, colour) => {
      canvas.shape(
        'M0 -54q-8 -8 -20 -4q-16 6 -12 30q6 28 22 28q6 0 10 -3q4 3 10 3q16 0 22 -28q4 -24 -12 -30q-12 -4 -20 4Z',
        colour,
        { shading: 'round' },
      );
      leafAt(canvas, 0, -53);
    },
  },
  orange: {
    class: 'fruit',
    one: 'orange',
    many: 'oranges',
    colours: [],
    places: ['table'],
    atMost: 5,
    width: 64,
    height: 64,
    size: 72,
    draw: (canvas) => {
      canvas.shape(ellipse(0, -30, 30), '#ee8d22', { shading: 'round' });
      canvas.shape(ellipse(3, -54, 3.4, 2.4), '#5c7a35', { shading: 'flat' });
    },
  },
  lemon: {
    class: 'fruit',
    one: 'lemon',
    many: 'lemons',
    colours: [],
    places: ['table'],
    atMost: 5,
    width: 76,
    height: 50,
    size: 58,
    draw: (canvas) => {
      canvas.shape(
        'M-38 -26q4 -6 10 -4q12 -18 30 -16q18 0 26 16q8 0 8 5q0 6 -8 5q-10 18 -28 18q-18 0 -28 -18q-8 2 -10 -6Z',
        '#f1d437',
        { shading: 'round' },
      );
    },
  },
  pear: {
    class: 'fruit',
    one: 'pear',
    many: 'pears',
    colours: ['green', 'yellow'],
    places: ['table'],
    atMost: 4,
    width: 60,
    height: 88,
    size: 94,
    draw: (canvas, colour) => {
      canvas.shape(
        'M0 -78q12 -2 14 14q2 14 12 24q12 20 -2 34q-12 10 -24 6q-12 4 -24 -6q-14 -14 -2 -34q10 -10 12 -24q2 -16 14 -14Z',
        lighter(colour, 0.15),
        { shading: 'round' },
      );
      leafAt(canvas, 0, -77);
    },
  },
  banana: {
    class: 'fruit',
    one: 'banana',
    many: 'bananas',
    colours: [],
    places: ['table'],
    atMost: 3,
    width: 110,
    height: 56,
    size: 66,
    draw: (canvas) => {
      canvas.shape(
        'M-54 -50q6 -6 10 0q16 26 50 26q26 0 42 -20q8 0 6 8q-14 36 -54 36q-42 -2 -54 -50Z',
        '#f2cf3a',
      );
      canvas.line('M-46 -40q18 30 54 28q24 -2 38 -18', '#c49a24', 1.8, { minor: true });
      canvas.shape('M-55 -51l3 -9l8 2l0 9Z', '#6a4a26');
    },
  },
  watermelon: {
    class: 'fruit',
    one: 'slice of watermelon',
    many: 'slices of watermelon',
    colours: [],
    places: ['table'],
    atMost: 3,
    width: 110,
    height: 60,
    size: 78,
    draw: (canvas) => {
      canvas.shape('M-54 -56h108q-4 56 -54 56t-54 -56Z', '#3c8a45');
      canvas.shape('M-47 -56h94q-4 48 -47 48t-47 -48Z', '#eef3d6', { minor: true });
      canvas.shape('M-43 -56h86q-4 43 -43 43t-43 -43Z', '#e2474a');
      for (const [x, y] of [
        [-24, -44],
        [-8, -36],
        [8, -46],
        [22, -40],
        [2, -24],
      ] as const) {
        canvas.shape(ellipse(x, y, 2, 3.2), '#26191a', { shading: 'flat' });
      }
    },
  },
  cherries: {
    class: 'fruit',
    one: 'pair of cherries',
    many: 'pairs of cherries',
    colours: [],
    places: ['table'],
    atMost: 4,
    width: 70,
    height: 84,
    size: 90,
    draw: (canvas) => {
      canvas.line('M-16 -34q4 -30 18 -48M18 -30q-4 -34 -16 -52', '#4e7c36', 3);
      canvas.shape('M2 -82q18 -10 30 4q-18 10 -30 -4Z', '#4f9a48');
      canvas.shape(ellipse(-16, -18, 18), '#b51f35', { shading: 'round' });
      canvas.shape(ellipse(19, -15, 17), '#a81a30', { shading: 'round' });
    },
  },
  cup: {
    class: 'cup',
    one: 'cup of coffee',
    many: 'cups of coffee',
    colours: ['white', 'blue', 'red', 'green', 'yellow'],
    places: ['table'],
    atMost: 4,
    width: 84,
    height: 64,
    size: 84,
    draw: (canvas, colour) => {
      canvas.shape(ellipse(0, -3, 42, 6), darker(colour, 0.1));
      canvas.line('M26 -44q18 -4 18 12q-2 14 -22 14', colour, 6);
      if (canvas.mode === 'sketch') canvas.line('M26 -36q10 -2 10 6q-2 6 -12 8', colour, 3);
      canvas.shape('M-30 -54h60q0 44 -18 50h-24q-18 -6 -18 -50Z', colour);
      canvas.shape(ellipse(0, -54, 30, 6.5), lighter(colour, 0.2), { shading: 'flat' });
      canvas.shape(ellipse(0, -53, 25, 4.6), '#4a2c1a', { shading: 'flat', minor: true });
      canvas.light('M-8 -60q-8 -12 2 -20q8 -10 0 -20M8 -60q-8 -12 2 -20q8 -10 0 -20', '#ffffff', 0.25, 2);
    },
  },
  bottle: {
    class: 'bottle',
    one: 'bottle',
    many: 'bottles',
    colours: ['green', 'brown', 'blue'],
    places: ['table'],
    atMost: 3,
    width: 44,
    height: 120,
    size: 140,
    draw: (canvas, colour) => {
      canvas.shape('M-18 0v-66q0 -14 10 -22v-26h16v26q10 8 10 22v66Z', colour);
      canvas.shape(rect(-9, -122, 18, 9), '#b08a52');
      canvas.shape(rect(-18, -52, 36, 32), '#f1e9d6', { shading: 'flat' });
      canvas.line('M-11 -42h22M-11 -34h16', '#8a6a4a', 2, { minor: true });
      canvas.light(rounded(-13, -72, 5, 62, 2), '#ffffff', 0.5, 0.8);
    },
  },
  vase: {
    class: 'vase',
    one: 'vase of {colour} tulips',
    many: 'vases of {colour} tulips',
    colours: ['red', 'yellow', 'pink', 'purple'],
    places: ['table'],
    atMost: 2,
    width: 90,
    height: 136,
    size: 160,
    draw: (canvas, colour) => {
      for (const [x, y, bend] of [
        [-34, -112, -14],
        [34, -112, 14],
        [0, -124, 0],
        [-17, -104, -6],
        [18, -103, 6],
      ] as const) {
        canvas.line(`M0 -56q${bend} -26 ${x} ${y + 64}`, '#4c8a42', 3.4);
        canvas.shape(`M${x - 10} ${y - 8}l5 7l5 -10l5 10l5 -7q4 22 -10 22t-10 -22Z`, colour);
      }
      canvas.shape('M-12 -60h24q-4 14 10 26q8 22 -8 34h-28q-16 -12 -8 -34q14 -12 10 -26Z', '#6f9fc0', {
        shading: 'round',
      });
    },
  },
  books: {
    class: 'books',
    one: 'stack of {colour} books',
    many: 'stacks of {colour} books',
    colours: ['red', 'blue', 'green', 'purple'],
    places: ['table'],
    atMost: 2,
    width: 120,
    height: 70,
    size: 86,
    draw: (canvas, colour) => {
      const spines = [colour, '#d9b44a', darker(colour, 0.3), '#ebe4d5'];
      spines.forEach((spine, i) => {
        const x = -52 + ((i * 29) % 13);
        canvas.shape(rounded(x, -17 * (i + 1), 104 - (i % 2) * 10, 17, 2), spine);
        canvas.line(`M${x + 12} ${-17 * i - 2}v-13M${x + 20} ${-17 * i - 2}v-13`, lighter(spine, 0.5), 2, {
          minor: true,
        });
      });
    },
  },
  teapot: {
    class: 'teapot',
    one: 'teapot',
    many: 'teapots',
    colours: ['white', 'blue', 'turquoise', 'orange'],
    places: ['table'],
    atMost: 2,
    width: 120,
    height: 78,
    size: 98,
    draw: (canvas, colour) => {
      canvas.line('M-34 -52q-28 -4 -24 20q4 16 26 12', colour, 7);
      canvas.shape('M30 -26q16 -4 16 -22q2 -12 12 -12l4 5q-8 4 -8 16q0 24 -22 30Z', colour);
      canvas.shape('M-38 -32q0 -30 38 -30t38 30q0 32 -20 32h-36q-20 0 -20 -32Z', colour, {
        shading: 'round',
      });
      canvas.shape(ellipse(0, -62, 22, 5), darker(colour, 0.1));
      canvas.shape(ellipse(0, -70, 6), colour, { shading: 'round' });
    },
  },
};
