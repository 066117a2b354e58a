import { COLOURS, darker, lighter } from './colours.js';
import { form, type SceneCanvas } from './scene-canvas.js';
import type { SceneSubject } from './subject.js';

const { ellipse, rect, rounded, polygon } = form;

function window(canvas: SceneCanvas, x: number, y: number, w: number, h: number): void {
  canvas.shape(rect(x - 1.5, y - 1.5, w + 3, h + 3), '#f1ece0', { shading: 'flat', minor: true });
  canvas.shape(rect(x, y, w, h), '#6f93ab');
  canvas.line(`M${x + w / 2} ${y}v${h}M${x} ${y + h / 2}h${w}`, '#f1ece0', 1.6, { minor: true });
  canvas.glow(rect(x, y, w, h), '#ffd97ae0', 0.7);
}

export const buildings: Readonly<Record<string, SceneSubject>> = {
  house: {
    class: 'house',
    one: 'house',
    many: 'houses',
    colours: ['white', 'red', 'yellow', 'blue', 'pink', 'green'],
    places: ['land', 'road', 'snow'],
    atMost: 3,
    width: 112,
    height: 108,
    size: 134,
    stands: 'back',
    draw: (canvas, colour, random) => {
      const roof = random.uniform() < 0.5 ? '#8c3b2e' : '#5a5560';
      canvas.shape(rect(22, -104, 13, 30), '#8a5a48');
      canvas.shape(rect(-48, -62, 96, 62), colour);
      canvas.light(polygon(-48, -62, 48, -62, 48, -54, -48, -54), '#000000', 0.28, 2);
      canvas.shape(polygon(-58, -58, 0, -106, 58, -58), roof);
      canvas.line('M-40 -68h80M-28 -78h56M-16 -88h32', darker(roof, 0.2), 1.1, { minor: true });
      canvas.shape(rounded(-9, -34, 18, 34, 2), '#6d4428');
      canvas.shape(ellipse(5, -16, 1.4), '#e5c65a', { minor: true });
      window(canvas, -38, -44, 18, 18);
      window(canvas, 20, -44, 18, 18);
      canvas.shape(ellipse(0, -76, 7), '#7b9cb0', { minor: true });
    },
  },
  barn: {
    class: 'barn',
    one: 'barn',
    many: 'barns',
    colours: ['red', 'brown', 'grey'],
    places: ['land'],
    atMost: 1,
    width: 130,
    height: 100,
    size: 124,
    stands: 'back',
    draw: (canvas, colour) => {
      canvas.shape('M-60 0v-58l16 -26l44 -18l44 18l16 26v58Z', colour);
      canvas.line('M-66 -54l20 -34l46 -18l46 18l20 34', '#d9d5cc', 5);
      for (let x = -50; x <= 50; x += 10)
        canvas.line(`M${x} -2v-54`, darker(colour, 0.18), 1, { minor: true });
      canvas.shape(rect(-22, -44, 44, 44), darker(colour, 0.25));
      canvas.line('M-22 -44l44 44M22 -44l-44 44M-22 -44h44v44M-22 -44v44', '#eeeae0', 3);
      canvas.shape(rect(-9, -80, 18, 16), '#3b2a22');
    },
  },
  castle: {
    class: 'castle',
    one: 'castle',
    many: 'castles',
    colours: ['grey', 'white', 'brown'],
    places: ['land', 'snow'],
    atMost: 1,
    width: 150,
    height: 152,
    size: 190,
    stands: 'back',
    draw: (canvas, colour) => {
      canvas.shape(rect(-50, -66, 100, 66), colour);
      for (let x = -46; x < 46; x += 17) canvas.shape(rect(x, -75, 10, 11), colour);
      canvas.shape(rect(-15, -106, 30, 62), lighter(colour, 0.08));
      canvas.shape(polygon(-21, -104, 0, -134, 21, -104), '#7b3a45');
      for (const x of [-66, 40]) {
        canvas.shape(rect(x, -86, 26, 86), lighter(colour, 0.06));
        canvas.shape(polygon(x - 5, -84, x + 13, -114, x + 31, -84), '#7b3a45');
        canvas.shape(rounded(x + 9, -66, 8, 15, 3), '#2e2c33', { minor: true });
      }
      canvas.line('M0 -134v-16', '#444444', 2);
      canvas.shape(polygon(0, -150, 17, -144, 0, -138), COLOURS.red);
      canvas.shape('M-14 0v-26a14 14 0 0 1 28 0v26Z', '#4a3020');
      canvas.shape(rounded(-5, -88, 10, 17, 4), '#2e2c33', { minor: true });
    },
  },
  lighthouse: {
    class: 'lighthouse',
    one: 'lighthouse with {colour} stripes',
    many: 'lighthouses with {colour} stripes',
    colours: ['red', 'blue', 'black'],
    places: ['beach'],
    atMost: 1,
    width: 60,
    height: 152,
    size: 196,
    stands: 'back',
    draw: (canvas, colour) => {
      canvas.shape('M-40 4q10 -22 40 -20q34 -2 44 20Z', '#77706a');
      canvas.shape(polygon(-20, -10, -12, -112, 12, -112, 20, -10), '#f3f0e8');
      for (const [y, half] of [
        [-30, 18.4],
        [-62, 16],
        [-94, 13.4],
      ] as const) {
        canvas.shape(polygon(-half, y, -half + 1.2, y - 16, half - 1.2, y - 16, half, y), colour);
      }
      canvas.shape(rect(-16, -118, 32, 7), '#3a3b42');
      canvas.shape(rect(-10, -136, 20, 19), '#ffe9a0', { shading: 'flat' });
      canvas.shape('M-13 -136q13 -22 26 0Z', colour);
      canvas.shape(rounded(-5, -26, 10, 18, 3), '#5a3b28', { minor: true });
      canvas.glow('M8 -127l130 -22v44Z', '#fff1a828', 4);
    },
  },
  windmill: {
    class: 'windmill',
    one: 'windmill',
    many: 'windmills',
    colours: ['white', 'brown', 'grey'],
    places: ['land'],
    atMost: 2,
    width: 130,
    height: 146,
    size: 176,
    stands: 'back',
    draw: (canvas, colour, random) => {
      canvas.shape(polygon(-26, 0, -15, -84, 15, -84, 26, 0), colour);
      canvas.shape('M-18 -82q18 -32 36 0Z', '#6f3b33');
      canvas.shape(rounded(-7, -24, 14, 24, 3), '#5a3a26');
      canvas.shape(rect(-5, -60, 10, 12), '#5f7f95', { minor: true });
      const turn = random.uniform() * Math.PI * 0.5;
      for (let i = 0; i < 4; i++) {
        const angle = turn + (i * Math.PI) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const at = (r: number, side: number): [number, number] => [r * c - side * s, -92 + r * s + side * c];
        canvas.shape(polygon(...at(12, 1), ...at(58, 1), ...at(58, 13), ...at(12, 13)), '#efe7d6');
        canvas.line(form.polyline(0, -92, ...at(60, 0)), '#5b4330', 3);
      }
      canvas.shape(ellipse(0, -92, 5), '#3b2c22');
    },
  },
  tent: {
    class: 'tent',
    one: 'tent',
    many: 'tents',
    colours: ['orange', 'green', 'blue', 'yellow', 'red'],
    places: ['land', 'snow'],
    atMost: 3,
    width: 110,
    height: 64,
    size: 82,
    stands: 'back',
    draw: (canvas, colour) => {
      canvas.shape(polygon(-54, 0, -10, -62, 54, 0), colour);
      canvas.shape(polygon(-10, -62, 16, 0, 54, 0), darker(colour, 0.18));
      canvas.shape('M-10 -60l-18 60h24Z', '#2f2a2a');
      canvas.line('M-54 0l-16 5M54 0l16 5M-10 -62v-5', '#5a4d40', 2);
    },
  },
  tower: {
    class: 'skyscraper',
    one: 'tall building',
    many: 'tall buildings',
    colours: ['grey', 'blue', 'brown'],
    places: ['road'],
    atMost: 3,
    width: 70,
    height: 184,
    size: 210,
    stands: 'back',
    draw: (canvas, colour, random) => {
      const height = 130 + random.integer(40);
      canvas.shape(rect(-32, -height, 64, height), colour);
      canvas.shape(rect(-14, -height - 12, 28, 12), darker(colour, 0.2));
      for (let y = -height + 10; y < -24; y += 15) {
        for (let x = -25; x < 25; x += 14) {
          const lit = random.uniform() < 0.5;
          canvas.shape(rect(x, y, 9, 9), lit ? '#cfe2ee' : '#5d7f98', {
            soft: (y / 15) % 2 < -0.5,
            shading: 'flat',
          });
          if (lit) canvas.glow(rect(x, y, 9, 9), '#ffd97ae0', 0.7);
        }
      }
      canvas.shape(rect(-9, -19, 18, 19), '#2f3440');
    },
  },
};
