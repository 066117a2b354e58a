import { darker, lighter } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rect, rounded, polygon } = form;

function wheel(canvas: SceneCanvas, x: number, r: number): void {
  canvas.shape(ellipse(x, -r, r), '#26262b', { shading: 'round' });
  canvas.shape(ellipse(x, -r, r * 0.5), '#b9bec6', { shading: 'round', minor: r < 8 });
}

const GLASS = '#9fc4da';

export const vehicles: Readonly<Record<string, SceneSubject>> = {
  car: {
    class: 'car',
    one: 'car',
    many: 'cars',
    colours: ['red', 'blue', 'yellow', 'green', 'white', 'black', 'orange'],
    places: ['road', 'land', 'snow', 'beach'],
    atMost: 3,
    width: 130,
    height: 52,
    size: 70,
    stands: 'front',
    draw: (canvas, colour) => {
      canvas.shape('M-62 -14q-4 -16 14 -18l14 -2q10 -18 24 -18h22q14 2 24 18l18 4q12 4 10 18Z', colour);
      canvas.shape('M-30 -34q8 -13 18 -13h8v13ZM0 -47h14q10 2 16 13h-30Z', GLASS);
      canvas.line('M-2 -34v18', darker(colour, 0.35), 1.4);
      canvas.light('M-50 -30q40 -5 100 0q-50 3 -100 0Z', '#ffffff', 0.45, 0.8);
      canvas.shape(rounded(54, -28, 9, 6, 2), '#fff3b8', { minor: true, shading: 'flat' });
      canvas.shape(rounded(-63, -26, 7, 6, 2), '#d5352e', { minor: true, shading: 'flat' });
      wheel(canvas, -36, 12);
      wheel(canvas, 36, 12);
      canvas.glow('M60 -25l60 -10v24Z', '#fff2a022', 3);
    },
  },
  bus: {
    class: 'bus',
    one: 'bus',
    many: 'buses',
    colours: ['red', 'yellow', 'blue', 'green'],
    places: ['road'],
    atMost: 2,
    width: 160,
    height: 84,
    size: 106,
    stands: 'front',
    draw: (canvas, colour) => {
      canvas.shape(rounded(-80, -82, 160, 70, 10), colour);
      for (let i = 0; i < 5; i++) canvas.shape(rounded(-72 + i * 27, -72, 22, 24, 3), GLASS);
      canvas.shape(rounded(63, -72, 14, 34, 3), lighter(GLASS, 0.2));
      canvas.line('M-78 -36h156', lighter(colour, 0.6), 4, { minor: true });
      canvas.shape(rounded(70, -28, 10, 7, 2), '#fff3b8', { minor: true, shading: 'flat' });
      wheel(canvas, -46, 13);
      wheel(canvas, 44, 13);
    },
  },
  truck: {
    class: 'truck',
    one: 'truck',
    many: 'trucks',
    colours: ['orange', 'green', 'blue', 'white'],
    places: ['road', 'land'],
    atMost: 2,
    width: 160,
    height: 84,
    size: 100,
    stands: 'front',
    draw: (canvas, colour) => {
      canvas.shape(rect(-78, -82, 100, 64), '#dcd8cf');
      canvas.line('M-58 -80v60M-38 -80v60M-18 -80v60M2 -80v60', '#b6b1a7', 1.6, { minor: true });
      canvas.shape('M26 -18v-48q0 -6 8 -6h22q8 0 12 10l10 22v22Z', colour);
      canvas.shape('M40 -64h14q5 0 8 8l6 16h-28Z', GLASS);
      canvas.shape(rect(-80, -20, 160, 8), '#3c3d44');
      wheel(canvas, -54, 13);
      wheel(canvas, -22, 13);
      wheel(canvas, 52, 13);
    },
  },
  bicycle: {
    class: 'bicycle',
    one: 'bicycle',
    many: 'bicycles',
    colours: ['red', 'blue', 'green', 'yellow'],
    places: ['road', 'land'],
    atMost: 2,
    width: 110,
    height: 66,
    size: 84,
    stands: 'front',
    draw: (canvas, colour) => {
      for (const x of [-34, 34]) {
        canvas.line(ellipse(x, -21, 20), '#25252a', 3.6);
        canvas.line(
          `M${x - 19} -21h38M${x} -40v38M${x - 13} -34l26 26M${x + 13} -34l-26 26`,
          '#9aa0a8',
          0.7,
          { minor: true },
        );
      }
      canvas.line(
        'M-34 -21l14 -26h34l20 26M-20 -47l16 28h-30M-4 -19l18 -28M-20 -47l-4 -9M14 -47l4 -12',
        colour,
        4,
      );
      canvas.line('M-32 -57h16', '#2b2320', 5);
      canvas.line('M18 -59q10 -4 12 4', '#33353b', 3.4);
    },
  },
  tractor: {
    class: 'tractor',
    one: 'tractor',
    many: 'tractors',
    colours: ['red', 'green', 'blue', 'orange'],
    places: ['land'],
    atMost: 2,
    width: 110,
    height: 88,
    size: 100,
    draw: (canvas, colour) => {
      canvas.line('M34 -50v-24', '#3a3b40', 5);
      canvas.shape('M-36 -52v-30h34l8 30Z', '#a9c7d6');
      canvas.shape(rect(-40, -88, 42, 7), colour);
      canvas.shape('M-40 -24v-28h88q8 2 8 12v16Z', colour);
      canvas.line('M36 -46v14M42 -46v14M48 -46v14', darker(colour, 0.4), 2, { minor: true });
      canvas.shape(ellipse(-24, -25, 25), '#26262a', { shading: 'round' });
      canvas.shape(ellipse(-24, -25, 12), '#e6c53c', { shading: 'round' });
      wheel(canvas, 40, 15);
    },
  },
  sailboat: {
    class: 'boat',
    one: 'boat with a {colour} sail',
    many: 'boats with {colour} sails',
    colours: ['white', 'red', 'blue', 'yellow', 'orange'],
    places: ['water'],
    atMost: 4,
    width: 100,
    height: 130,
    size: 140,
    draw: (canvas, colour) => {
      canvas.line('M0 -20v-108', '#6b4a31', 3.4);
      canvas.shape('M4 -126q40 50 42 98h-42Z', colour);
      canvas.shape('M-4 -116q-30 44 -34 88h34Z', lighter(colour, 0.25));
      canvas.shape('M-50 -22h102q-8 22 -26 24h-52q-18 -4 -24 -24Z', '#7a4a2c');
      canvas.line('M-46 -14h92', '#f0e7d4', 2.4, { minor: true });
      canvas.light('M-46 4q46 -6 92 0q-40 8 -92 0Z', '#ffffff', 0.5, 1.4);
    },
  },
  ship: {
    class: 'boat',
    one: 'ship',
    many: 'ships',
    colours: ['red', 'blue', 'black', 'green'],
    places: ['water'],
    atMost: 2,
    width: 180,
    height: 96,
    size: 104,
    draw: (canvas, colour) => {
      canvas.shape(rect(-8, -92, 18, 32), colour);
      canvas.shape(rect(-8, -92, 18, 8), '#222329', { minor: true });
      canvas.shape(rect(-50, -62, 96, 18), '#f1efe9');
      canvas.shape(rect(-64, -46, 126, 18), '#e4e1d9');
      for (let i = 0; i < 8; i++) canvas.shape(ellipse(-54 + i * 15, -37, 3.4), '#3d5f7c', { minor: true });
      canvas.shape('M-88 -30h182q-12 30 -30 32h-122q-24 -4 -30 -32Z', colour);
      canvas.line('M-82 -10h156', '#f2eee4', 3, { minor: true });
      canvas.light('M-84 4q80 -8 160 0q-70 8 -160 0Z', '#ffffff', 0.5, 1.6);
    },
  },
  balloon: {
    class: 'hot-air balloon',
    one: 'hot-air balloon',
    many: 'hot-air balloons',
    colours: ['red', 'yellow', 'purple', 'orange', 'blue', 'turquoise'],
    places: ['air'],
    atMost: 4,
    width: 84,
    height: 124,
    size: 124,
    draw: (canvas, colour) => {
      canvas.line('M-12 -42l6 24M12 -42l-6 24', '#6a533c', 1.4);
      canvas.shape('M-14 -40q-28 -26 -28 -46a42 40 0 0 1 84 0q0 20 -28 46Z', colour, { shading: 'round' });
      canvas.shape('M-5 -40q-12 -30 -11 -50q2 -26 16 -36q14 10 16 36q1 20 -11 50Z', lighter(colour, 0.55), {
        shading: 'round',
        opacity: 0.92,
      });
      canvas.shape(rounded(-9, -18, 18, 16, 3), '#8a5f37');
    },
  },
  plane: {
    class: 'plane',
    one: 'plane',
    many: 'planes',
    colours: ['white', 'red', 'blue', 'grey'],
    places: ['air'],
    atMost: 2,
    width: 150,
    height: 62,
    size: 66,
    draw: (canvas, colour) => {
      canvas.shape('M-56 -36l-18 -26h14l24 24Z', darker(colour, 0.15));
      canvas.shape('M-8 -34l-24 -24h14l36 22Z', darker(colour, 0.3));
      canvas.shape('M-70 -30q2 -12 24 -12h84q26 2 32 14q-6 10 -30 10h-84q-18 0 -26 -12Z', colour);
      canvas.shape(polygon(-14, -24, -44, 0, -28, 0, 22, -22), darker(colour, 0.12));
      for (let i = 0; i < 8; i++)
        canvas.shape(ellipse(-36 + i * 10, -33, 2), '#4a6c88', { minor: true, soft: true });
      canvas.shape('M54 -37q8 1 11 6h-12Z', '#4f7c9c', { minor: true });
    },
  },
};
