import { describe, expect, it } from 'vitest';
import { escapeXml } from '../image/text-cell.js';
import { createRandom } from '../random.js';
import { embeddingMap, type MapPlaces } from './embedding-map.js';
import { stackVectors } from './embedding-matrix.js';
import { scatterSvg } from './scatter-svg.js';

const GROUPS = 3;
const EACH = 20;

function grouped() {
  const random = createRandom('map');
  const centres = Array.from({ length: GROUPS }, () => Array.from({ length: 16 }, () => 5 * random.normal()));
  return stackVectors(
    centres.flatMap((centre) =>
      Array.from({ length: EACH }, () => Float32Array.from(centre, (value) => value + 0.3 * random.normal())),
    ),
    'points',
  );
}

/** Share of points whose nearest other point is of their own group. */
function kept(places: MapPlaces): number {
  const nearest = places.map(([x, y], i) => {
    const distances = places.map(([u, v], j) => (i === j ? Infinity : Math.hypot(x - u, y - v)));
    return distances.indexOf(Math.min(...distances));
  });
  return nearest.filter((j, i) => Math.floor(j / EACH) === Math.floor(i / EACH)).length / places.length;
}

describe('embeddingMap', () => {
  it.each(['pca', 'umap'] as const)(
    'keeps groups together by %s, the same way for the same seed',
    (method) => {
      const vectors = grouped();
      const places = embeddingMap(vectors, method, 1);
      expect(places).toHaveLength(GROUPS * EACH);
      expect(kept(places)).toBe(1);
      expect(embeddingMap(vectors, method, 1)).toEqual(places);
    },
  );

  it('refuses too few vectors to lay out', () => {
    const few = stackVectors([Float32Array.of(1, 0), Float32Array.of(0, 1)], 'few');
    expect(() => embeddingMap(few, 'pca')).toThrow(/at least 3 vectors, got 2/);
    expect(() => embeddingMap(few, 'umap')).toThrow(/at least 16 vectors, got 2/);
  });
});

describe('scatterSvg', () => {
  const points = [
    { x: 0, y: 0, category: 'a <b>', title: 'one & only' },
    { x: 10, y: 0, category: 'c' },
    { x: 0, y: 5, category: 'c' },
  ];

  it('draws every point once, with a legend of counts and text that cannot break out of its element', () => {
    const svg = scatterSvg(points, { title: 'Map "1"' });
    expect(svg.match(/<path /g)).toHaveLength(3 + 2);
    expect(svg).toContain('c (2)');
    expect(svg).toContain('a &lt;b&gt; (1)');
    expect(svg).toContain('<title>one &amp; only</title>');
    expect(svg).not.toContain('<b>');
    expect(escapeXml('\u0000"\'')).toBe(' &quot;&#39;');
  });

  it('uses one scale for both axes and lets y grow upwards', () => {
    const places = [
      ...scatterSvg(points, { title: 't', size: 248 }).matchAll(
        /<path transform="translate\(([\d.]+) ([\d.]+)\)" d/g,
      ),
    ]
      .slice(0, 3)
      .map(([, x, y]) => [Number(x), Number(y)] as const);
    const [origin, right, up] = places;
    expect((right?.[0] ?? 0) - (origin?.[0] ?? 0)).toBeCloseTo(200, 0);
    expect((origin?.[1] ?? 0) - (up?.[1] ?? 0)).toBeCloseTo(100, 0);
  });

  it('tells categories apart by shape as well as by colour', () => {
    const svg = scatterSvg(
      Array.from({ length: 8 }, (_, i) => ({ x: i, y: i, category: `${i}` })),
      { title: 't' },
    );
    const shapes = new Set(
      [...svg.matchAll(/<path transform="[^"]*" d="([^"]*)"/g)].map(([, shape]) => shape),
    );
    expect(shapes.size).toBe(8);
  });

  it('refuses no points and points that are nowhere', () => {
    expect(() => scatterSvg([], { title: 'empty' })).toThrow(/empty: expected points/);
    expect(() => scatterSvg([{ x: Number.NaN, y: 0, category: 'a' }], { title: 't' })).toThrow(RangeError);
  });
});
