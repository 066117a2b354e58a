import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../datasets/dataset.js';
import { encodePng } from '../../../image/image-codec.js';
import { stripes, tinyTower, tinyWeights } from '../../../models/small/fixtures/tiny-small.js';
import { createRandom } from '../../../random.js';
import { calibrateScores } from './calibrate-scores.js';
import { keptGalleryVectors } from './gallery-vectors.js';
import { drawBank, negativeCells } from './loss-bank.js';
import { PictureStoreError } from './picture-store.js';
import { planQueries } from './plan-queries.js';
import { buildQueryCache, openQueryCache, selectQueries } from './query-cache.js';
import { createQuerySampler } from './query-sampler.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-queries-'));
  for (let i = 0; i < 4; i++) await writeFile(join(folder, `${i}.png`), await encodePng(stripes(i)));
});
afterAll(() => rm(folder, { recursive: true }));

/** Four photos, two of class `cat`; a sketch of the third, a cartoon of the class, a text, a query of nothing known. */
const dataset = (): Dataset => ({
  name: 'tiny',
  dir: folder,
  images: Array.from({ length: 4 }, (_, i) => ({
    kind: 'image' as const,
    file: `${i}.png`,
    path: join(folder, `${i}.png`),
    captions: [],
    attributes: {},
    ...(i < 2 ? { class: 'cat' } : {}),
  })),
  queries: [
    {
      kind: 'query',
      style: 'sketch',
      file: '2.png',
      path: join(folder, '2.png'),
      target: '2.png',
      attributes: {},
    },
    {
      kind: 'query',
      style: 'cartoon',
      file: '1.png',
      path: join(folder, '1.png'),
      class: 'cat',
      attributes: {},
    },
    { kind: 'query', style: 'text', text: 'a cat', class: 'cat', attributes: {} },
    {
      kind: 'query',
      style: 'sketch',
      file: '3.png',
      path: join(folder, '3.png'),
      class: 'dog',
      attributes: {},
    },
  ],
  splits: [],
  notes: [],
});

const make = ['sketch', 'art', 'lowres'] as const;

describe('planQueries', () => {
  it('plans every picture query that has a photo, each made style of each photo, and the photos themselves', () => {
    const { photos, queries } = planQueries([dataset(), dataset()], { make, perPhoto: 2, plain: true });
    expect(photos).toHaveLength(8);
    const brought = queries.filter(({ maker, style }) => maker === null && style !== 'photo');
    expect(brought.map(({ style, targets }) => [style, targets])).toEqual([
      ['sketch', [2]],
      ['art', [0, 1, 4, 5]],
      ['sketch', [6]],
      ['art', [4, 5, 0, 1]],
    ]);
    for (const style of make) {
      const made = queries.filter((query) => query.style === style && query.maker !== null);
      const perTarget = new Map<number, number>();
      for (const { targets } of made)
        perTarget.set(targets[0] ?? -1, (perTarget.get(targets[0] ?? -1) ?? 0) + 1);
      expect([...perTarget.entries()].sort((a, b) => a[0] - b[0])).toEqual(photos.map((_, i) => [i, 2]));
    }
    expect(queries.filter(({ style }) => style === 'photo')).toHaveLength(8);
    expect(queries).toHaveLength(4 + 8 * 3 * 2 + 8);
  });

  it('takes photos of another dataset for right whose captions name the class, and no photo that has a class', () => {
    const captioned = (photo: number, ...captions: string[]) => ({
      ...(dataset().images[photo] ?? dataset().images[0]),
      captions,
    });
    const other = {
      ...dataset(),
      queries: [],
      images: [
        captioned(2, 'Two Cats sleep'),
        captioned(3, 'a catapult', 'a scatter of stones'),
        captioned(2, 'a street', 'a man', 'a house', 'a cat on a wall'),
        captioned(1, 'a cat'),
        captioned(3, 'a kitten.', 'an animal', 'a small animal'),
      ],
    } as Dataset;
    const { queries } = planQueries([dataset(), other], { make: [], perPhoto: 0, plain: false });
    // The last but one has a class of its own, and is of it already.
    expect(queries.find(({ style }) => style === 'art')?.targets).toEqual([0, 1, 7, 4, 8]);
  });

  it('plans a drawing of a class that only another dataset has photos of', () => {
    const photos = { ...dataset(), queries: [] };
    const drawings = { ...dataset(), images: [] };
    const { queries } = planQueries([drawings, photos], { make: [], perPhoto: 0, plain: false });
    expect(queries.map(({ style, targets }) => [style, targets])).toEqual([['art', [0, 1]]]);
  });

  it('plans the same twice, and uses the maker it was told to', () => {
    const plan = () =>
      planQueries([dataset()], { make, perPhoto: 1, plain: false, fixed: { art: 'art-oil' } });
    expect(plan()).toEqual(plan());
    expect(
      new Set(plan().queries.flatMap(({ style, maker }) => (style === 'art' && maker ? [maker] : []))),
    ).toEqual(new Set(['art-oil']));
  });
});

describe('createQuerySampler', () => {
  const queries = ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'c'].map((style) => ({
    style,
    path: '',
    maker: null,
    targets: [0],
  }));

  it('gives every style as many places, whatever its share of the data', () => {
    const drawn = createQuerySampler(queries, createRandom(1)).batch(36);
    const count = (style: string) => drawn.filter((index) => queries[index]?.style === style).length;
    expect([count('a'), count('b'), count('c')]).toEqual([12, 12, 12]);
  });

  it('gives what people drew three times the places of what was made of photos', () => {
    const mixed = [
      ...queries.slice(0, 2),
      ...queries.map((query) => ({ ...query, style: 'a', maker: 'sketch-pencil' })),
    ];
    const drawn = createQuerySampler(mixed, createRandom(1)).batch(40);
    expect(drawn.filter((index) => mixed[index]?.maker === null)).toHaveLength(30);
  });

  it('shows each query of a style once before any twice', () => {
    const sampler = createQuerySampler(queries, createRandom(2));
    const ofA = sampler.batch(18).filter((index) => queries[index]?.style === 'a');
    expect([...ofA].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('calibrateScores', () => {
  it('is the mean and deviation of the cosines with negatives', () => {
    const random = createRandom(3);
    const unit = () => {
      const v = Float32Array.from({ length: 4 }, () => random.normal());
      const length = Math.hypot(...v);
      return v.map((value) => value / length);
    };
    const photos = Array.from({ length: 6 }, unit);
    const queries = Array.from({ length: 5 }, unit);
    const targets = [[0], [1, 2], [], [5], [3]];
    const cosines = queries.flatMap((query, q) =>
      photos.flatMap((photo, p) =>
        targets[q]?.includes(p) ? [] : [query.reduce((sum, value, i) => sum + value * (photo[i] ?? 0), 0)],
      ),
    );
    const mean = cosines.reduce((sum, value) => sum + value, 0) / cosines.length;
    const variance = cosines.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (cosines.length - 1);
    const found = calibrateScores(queries, Float32Array.from(photos.flatMap((photo) => [...photo])), targets);
    expect(found.mean).toBeCloseTo(mean, 6);
    expect(found.deviation).toBeCloseTo(Math.sqrt(variance), 6);
  });
});

describe('drawBank', () => {
  const WIDTH = 4;
  const random = createRandom(7);
  /** 40 families of ten photos that lie close together, in a gallery larger than the bank. */
  const gallery = Float32Array.from(
    Array.from({ length: 40 }, () => {
      const centre = Array.from({ length: WIDTH }, () => random.normal());
      return Array.from({ length: 10 }, () => {
        const row = centre.map((x) => x + 0.02 * random.normal());
        const length = Math.hypot(...row);
        return row.map((x) => x / length);
      });
    }).flat(2),
  );

  it('holds every positive, each once, with its own vector', () => {
    const cells = negativeCells(gallery, WIDTH, createRandom(1), 50);
    const bank = drawBank(gallery, WIDTH, [[3], [120, 121], [3]], createRandom(2), cells, 50);
    expect(bank.rows).toHaveLength(50 * WIDTH);
    const places = [3, 120, 121].map((photo) => bank.place(photo) ?? -1);
    expect(new Set(places).size).toBe(3);
    for (const [i, photo] of [3, 120, 121].entries()) {
      const at = (places[i] ?? -1) * WIDTH;
      expect(bank.rows?.slice(at, at + WIDTH)).toEqual(gallery.slice(photo * WIDTH, (photo + 1) * WIDTH));
    }
  });

  it('mines photos that look like the positives, more often than chance does', () => {
    const nearOf = (mined: boolean) => {
      const cells = mined ? negativeCells(gallery, WIDTH, createRandom(1), 50) : null;
      const bank = drawBank(gallery, WIDTH, [[205]], createRandom(3), cells, 50);
      return Array.from({ length: 10 }, (_, i) => 200 + i).filter((photo) => bank.place(photo) !== undefined)
        .length;
    };
    expect(nearOf(true)).toBeGreaterThanOrEqual(8);
    expect(nearOf(false)).toBeLessThan(5);
  });

  it('is the whole gallery where that fits', () => {
    expect(negativeCells(gallery, WIDTH, createRandom(1), 400)).toBeNull();
    const bank = drawBank(gallery, WIDTH, [[3]], createRandom(2), null, 400);
    expect([bank.rows, bank.place(17)]).toEqual([null, 17]);
  });
});

describe('query cache', () => {
  it('makes a picture when it is asked for, keeps it, and makes none that is not', async () => {
    const at = join(folder, 'on-demand');
    const cache = await openQueryCache(at, plan(), 1);
    const [first, again] = await Promise.all([cache.picture(5), cache.picture(5)]);
    expect(again).toEqual(first);
    await cache.close();
    const reopened = await openQueryCache(at, plan(), 1);
    expect(plan().map((_, index) => reopened.ready?.(index))).toEqual(plan().map((_, index) => index === 5));
    expect(await reopened.picture(5)).toEqual(first);
    await reopened.close();
  });

  const plan = () => planQueries([dataset()], { make: ['lowres'], perPhoto: 1, plain: true }).queries;

  /** Folders of the plans that were opened under a name. */
  const keptOf = async (name: string) =>
    (await readdir(folder)).filter((one) => one.startsWith(`${name}-`)).map((one) => join(folder, one));

  it('killed at any byte, it goes on and ends with the same pictures', async () => {
    const name = join(folder, 'cache');
    const whole = await buildQueryCache(name, plan(), 1);
    await whole.close();
    const [at = ''] = await keptOf('cache');
    const pixels = await readFile(join(at, 'pixels.u8'));
    await truncate(join(at, 'pixels.u8'), Math.floor(pixels.length * 0.4) + 7);
    const progress: number[] = [];
    const resumed = await buildQueryCache(name, plan(), 1, (done) => progress.push(done));
    expect(await readFile(join(at, 'pixels.u8'))).toEqual(pixels);
    const chosen = selectQueries(resumed, [5, 2]);
    expect(await chosen.picture(0)).toEqual(await resumed.picture(5));
    expect(chosen.queries).toEqual([resumed.queries[5], resumed.queries[2]]);
    await resumed.close();
  });

  it('a run with another seed or plan beside it takes no picture from a running one, nor gives it its own', async () => {
    const name = join(folder, 'shared');
    const running = await buildQueryCache(name, plan(), 1);
    const before = await running.picture(0);
    const [seed, part] = [
      await openQueryCache(name, plan(), 2),
      await openQueryCache(name, plan().slice(3), 1),
    ];
    await seed.picture(0);
    expect(await part.picture(0)).toEqual(await running.picture(3));
    expect(await running.picture(0)).toEqual(before);
    const reopened = await openQueryCache(name, plan(), 1);
    expect(await reopened.picture(0)).toEqual(before);
    await Promise.all([running, seed, part, reopened].map((cache) => cache.close()));
  });

  it('says so when its file is cut short under it, instead of giving black pictures', async () => {
    const cache = await buildQueryCache(join(folder, 'cut'), plan(), 1);
    const [at = ''] = await keptOf('cut');
    await truncate(join(at, 'pixels.u8'), 10);
    await expect(cache.picture(0)).rejects.toThrow(PictureStoreError);
    await expect(cache.picture(0)).rejects.toThrow(
      /cut-.*picture 0 has 10 bytes, expected 76800; remove the folder/,
    );
    await cache.close();
  });

  it('a photo replaced under its name gets new query pictures and a new gallery vector', async () => {
    const path = join(folder, 'replaced.png');
    const queries = [{ style: 'photo', path, maker: null, targets: [0] }];
    const look = async (kind: number) => {
      await writeFile(path, await encodePng(stripes(kind)));
      const cache = await openQueryCache(join(folder, 'same-name'), queries, 1);
      const { data } = await cache.picture(0);
      await cache.close();
      const options = { threads: 1 };
      return { data, vector: await keptGalleryVectors(folder, tinyWeights(), tinyTower, [path], options) };
    };
    const [first, second] = [await look(0), await look(1)];
    expect(second.data).not.toEqual(first.data);
    expect(second.vector).not.toEqual(first.vector);
  });
});
