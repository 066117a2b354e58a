import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraph, input, output } from '../../onnx/graph.js';
import { createSession, float32, type Session } from '../../runtime/session.js';
import { outlineNumbers, outlines } from './outlines.js';

const SIZE = 160;
const golden: { readonly cells: number; readonly directions: number; readonly values: readonly number[] } =
  JSON.parse(await readFile(new URL('../../../golden/eye/outlines.json', import.meta.url), 'utf8'));

/** `[3, SIZE, SIZE]`, each channel of each pixel from its place. */
const drawn = (pixel: (x: number, y: number, channel: number) => number): Float32Array =>
  Float32Array.from({ length: 3 * SIZE ** 2 }, (_, at) =>
    pixel(at % SIZE, Math.floor(at / SIZE) % SIZE, Math.floor(at / SIZE ** 2)),
  );

const inDisc = (x: number, y: number) => (x - 50) ** 2 + (y - 60) ** 2 < 900;
const cosine = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

describe('outlines', () => {
  let session: Session;
  beforeAll(async () => {
    const graph = createGraph('outlines');
    output(graph, 'lines', outlines(input(graph, 'planes', [1, 3, SIZE, SIZE]), SIZE, golden));
    session = await createSession(graph, { threads: 1 });
  });
  afterAll(() => session?.close());
  const of = async (planes: Float32Array): Promise<number[]> => {
    const { lines } = await session.run({ planes: float32(planes, [1, 3, SIZE, SIZE]) });
    return lines?.data instanceof Float32Array ? [...lines.data] : [];
  };

  it('are the histograms that PyTorch computes of the same picture', async () => {
    const bar = (x: number, y: number) => Math.abs(2 * x - y - 120) < 12;
    const got = await of(
      drawn((x, y, c) =>
        bar(x, y) ? 30 : inDisc(x, y) ? 200 - 20 * c : Math.floor((x + 2 * y) / 3) + 10 * c,
      ),
    );
    expect(got).toHaveLength(outlineNumbers(golden));
    expect(Math.max(...got.map((value, i) => Math.abs(value - (golden.values[i] ?? 9))))).toBeLessThan(1e-3);
  });

  it('of a line drawing are those of what was drawn, whatever its colours, and not those of another place', async () => {
    const filled = await of(drawn((x, y, c) => (inDisc(x, y) ? 40 + 60 * c : 210 - 30 * c)));
    const line = (cx: number, cy: number) =>
      of(drawn((x, y) => (Math.abs(Math.hypot(x - cx, y - cy) - 30) < 1.5 ? 0 : 255)));
    expect(cosine(await line(50, 60), filled)).toBeGreaterThan(0.85);
    expect(cosine(await line(110, 100), filled)).toBeLessThan(0.3);
  });

  it('of a plain picture are nothing', async () => {
    expect(Math.max(...(await of(drawn(() => 90))))).toBeLessThan(0.05);
  });
});
