import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readImage } from '../image/image-codec.js';
import { mosaic } from '../styles/lowres.js';
import { datasetReaders, readDataset, recogniseDataset } from './dataset-readers.js';
import { readDsr } from './dsr.js';
import { type FixtureFiles, makeFixtureFolder, picture } from './fixture-folder.js';

const removals: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of removals.splice(0)) await remove();
});
async function fixture(files: FixtureFiles): Promise<string> {
  const { dir, remove } = await makeFixtureFolder(files);
  removals.push(remove);
  return dir;
}
const json = (value: unknown): string => JSON.stringify(value);

const dsr: FixtureFiles = {
  'images/01/a.jpg': picture,
  'images/01/b.JPG': picture,
  'sketch/01/a.png': picture,
  'sketch/01/B.png': picture,
  'art/01/a.jpg': picture,
  'mosaic/01/a.jpg': picture,
  'mosaic/01/b.jpg': picture,
  'text/01/a.txt': 'a cat on a mat\nsecond line',
  'text/01/b.TXT': '\uFEFFtwo birds\r\n',
  'train.json': json([{ image: '01/a.jpg', caption: '01/a.txt' }]),
  'test.json': json([{ image: '01/b.jpg', caption: '01/b.txt' }]),
};
const move = (files: FixtureFiles, prefix: string): FixtureFiles =>
  Object.fromEntries(Object.entries(files).map(([file, content]) => [prefix + file, content]));

describe('the DSR reader', () => {
  it('joins each photo to its styles whatever the extension and case, first caption line only', async () => {
    const dataset = await readDataset(await fixture(dsr));
    expect(dataset.images.map(({ file, captions, split }) => [file, captions, split])).toEqual([
      ['images/01/a.jpg', ['a cat on a mat'], 'train'],
      ['images/01/b.JPG', ['two birds'], 'test'],
    ]);
    expect(
      dataset.queries.map((query) => ['file' in query ? query.file : '', query.style, query.target]),
    ).toEqual([
      ['sketch/01/a.png', 'sketch', 'images/01/a.jpg'],
      ['art/01/a.jpg', 'art', 'images/01/a.jpg'],
      ['mosaic/01/a.jpg', 'lowres', 'images/01/a.jpg'],
      ['sketch/01/B.png', 'sketch', 'images/01/b.JPG'],
      ['mosaic/01/b.jpg', 'lowres', 'images/01/b.JPG'],
    ]);
    expect(dataset.notes).toEqual(['no art for 1 photos: 01/b.jpg']);
  });

  it('finds the root one level down and raster_sketches for sketch', async () => {
    const renamed = Object.fromEntries(
      Object.entries(dsr).map(([f, c]) => [f.replace(/^sketch/, 'raster_sketches'), c]),
    );
    const dir = await fixture(move(renamed, 'DSR/'));
    expect(await recogniseDataset(dir)).toBe('dsr');
    const dataset = await readDataset(dir, { split: 'test' });
    expect(dataset.dir).toBe(join(dir, 'DSR'));
    expect(dataset.queries.map((query) => query.style)).toEqual(['sketch', 'lowres']);
  });

  it('reads its folders under the names that they have here, capitals and all', async () => {
    const capital = Object.fromEntries(
      Object.entries(dsr).map(([f, c]) => [
        f.replace(/^(images|text|sketch)/, (name) => name.toUpperCase()),
        c,
      ]),
    );
    const dataset = await readDataset(await fixture(capital));
    expect(dataset.images.map(({ file, captions }) => [file, captions])).toEqual([
      ['IMAGES/01/a.jpg', ['a cat on a mat']],
      ['IMAGES/01/b.JPG', ['two birds']],
    ]);
    for (const { path } of dataset.images) await expect(readImage(path)).resolves.toBeDefined();
    expect(dataset.queries[0]).toMatchObject({ file: 'SKETCH/01/a.png', target: 'IMAGES/01/a.jpg' });
  });

  it('reads dataset.json for photos that neither split lists', async () => {
    const all = [{ image: '01/a.jpg' }, { image: '01/b.jpg', caption: '01/b.txt' }];
    const { 'test.json': _, ...rest } = dsr;
    const dataset = await readDataset(await fixture({ ...rest, 'dataset.json': json(all) }));
    expect(dataset.images.map((image) => image.split)).toEqual(['train', undefined]);
  });

  it('makes the mosaics when their folder is missing and a place for them is given', async () => {
    const without = Object.fromEntries(Object.entries(dsr).filter(([file]) => !file.startsWith('mosaic/')));
    const dir = await fixture(without);
    const made = await fixture({});
    const dataset = await readDsr(dir, { madeFilesDir: made });
    const query = dataset.queries.find(({ style }) => style === 'lowres');
    expect(query).toMatchObject({ target: 'images/01/a.jpg', path: join(made, 'mosaic/01/a.png') });
    const expected = mosaic(await readImage(join(dir, 'images/01/a.jpg')), 16);
    expect(await readImage(join(made, 'mosaic/01/a.png'))).toEqual(expected);
    expect((await readDsr(dir)).notes).toContain(
      'there is no folder "mosaic": low-res queries are to be made',
    );
  });

  it.each([
    [
      'a listed photo that is not there',
      { 'train.json': json([{ image: '01/zz.jpg' }]) },
      'FILE_MISSING',
      /train\.json\[0\]: image "01\/zz\.jpg"/,
    ],
    [
      'an entry without an image',
      { 'train.json': json([{ caption: 'x' }]) },
      'BAD_RECORD',
      /train\.json\[0\]: "image": expected a text/,
    ],
    ['a list that is none', { 'test.json': '{}' }, 'BAD_RECORD', /test\.json: expected a list/],
    ['broken JSON', { 'test.json': '[' }, 'BAD_JSON', /test\.json:1:2: not valid JSON/],
    [
      'a photo in both splits',
      { 'test.json': json([{ image: '01/a.jpg' }]) },
      'DUPLICATE_IMAGE',
      /already in .*train\.json\[0\]/,
    ],
  ])('complains about %s', async (_, change, code, message) => {
    const failure = readDataset(await fixture({ ...dsr, ...change }), { format: 'dsr' });
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(message);
  });
});

describe('the ImageNet-X reader', () => {
  const pictures: FixtureFiles = {
    'n01/a.jpeg': picture,
    'n01/b.jpeg': picture,
    'art/a.png': picture,
    'art/b.png': picture,
    'sk/a.png': picture,
    'sk/b.png': picture,
  };

  it('reads inline captions, with the paths of another machine', async () => {
    const rows = [
      { caption: 'a tench', image_path: '/home/someone/imagenet/n01/a.JPEG' },
      { caption: 'a goldfish', image_path: 'n01/b.JPEG' },
    ];
    const dir = await fixture({ ...pictures, 'train_text.json': json(rows) });
    expect(await recogniseDataset(dir)).toBe('imagenet-x');
    const dataset = await readDataset(dir);
    expect(dataset.images.map(({ file, captions, split }) => [file, captions[0], split])).toEqual([
      ['n01/a.jpeg', 'a tench', 'train'],
      ['n01/b.jpeg', 'a goldfish', 'train'],
    ]);
  });

  const photos = [
    { image: 'n01/a.JPEG', classname: 'tench' },
    { image: 'n01/b.JPEG', classname: 'goldfish' },
  ];
  const sketches = [
    { image: 'sk/a.png', classname: 'tench' },
    { image: 'sk/b.png', classname: 'goldfish' },
  ];

  it.each([
    ['two files', { 'test_photos.json': json(photos), 'test_sketch.json': json(sketches) }],
    ['one file of two lists', { 'sketch_test.json': json([photos, sketches]) }],
  ])('pairs photos and styles by position: %s', async (_, lists) => {
    const dataset = await readDataset(await fixture({ ...pictures, ...lists }), { split: 'test' });
    expect(dataset.queries.map((q) => ['file' in q ? q.file : '', q.style, q.target, q.class])).toEqual([
      ['sk/a.png', 'sketch', 'n01/a.jpeg', 'tench'],
      ['sk/b.png', 'sketch', 'n01/b.jpeg', 'goldfish'],
    ]);
  });

  it('reads rows that name photo and style together', async () => {
    const rows = [
      { classname: 'tench', origin_image: 'n01/a.jpeg', art_image: 'art/a.png', sketch_image: 'sk/a.png' },
    ];
    const dataset = await readDataset(await fixture({ ...pictures, 'retrieval.json': json(rows) }));
    // "val" within a word is no split.
    expect(dataset.images.map(({ split }) => split)).toEqual([undefined]);
    expect(dataset.queries.map((query) => query.style)).toEqual(['art', 'sketch']);
  });

  it.each([
    [
      'lists of unequal length',
      { 'photos.json': json(photos), 'sketch.json': json(sketches.slice(1)) },
      /has 1 rows and .* 2|has 1 rows and that one 2/,
    ],
    [
      'lists out of step',
      { 'photos.json': json(photos), 'sketch.json': json([...sketches].reverse()) },
      /sketch\.json\[0\]: class "goldfish" is paired with "tench"/,
    ],
    ['a style list alone', { 'sketch.json': json(sketches) }, /without the list of photos/],
    ['rows of another shape', { 'photos.json': json([{ path: 'x' }]) }, /expected rows of .* got \{path\}/],
    [
      'a picture that is not there',
      { 'text.json': json([{ image_path: 'n01/q.JPEG', caption: 'x' }]) },
      /text\.json\[0\]: "image_path": no picture below .* ends in "n01\/q\.JPEG"/,
    ],
  ])('complains about %s', async (_, lists, message) => {
    const dir = await fixture({ ...pictures, ...lists });
    await expect(readDataset(dir, { format: 'imagenet-x' })).rejects.toThrow(message);
  });
});

describe('the class-tree reader', () => {
  it('takes photos as the gallery and other domains as queries for their class', async () => {
    const dataset = await readDataset(
      await fixture({
        'photo/dog/1.png': picture,
        'art_painting/dog/2.png': picture,
        'sketch/cat/3.PNG': picture,
      }),
    );
    expect(dataset.images.map(({ file, class: label }) => [file, label])).toEqual([
      ['photo/dog/1.png', 'dog'],
    ]);
    expect(dataset.queries.map((q) => [q.style, q.class])).toEqual([
      ['art', 'dog'],
      ['sketch', 'cat'],
    ]);
  });

  it('takes split folders as splits', async () => {
    const dir = await fixture({ 'train/dog/1.png': picture, 'Val/cat/2.png': picture });
    expect(await recogniseDataset(dir)).toBe('class-tree');
    const dataset = await readDataset(dir, { split: 'val' });
    expect(dataset.images.map(({ class: label, split }) => [label, split])).toEqual([['cat', 'val']]);
  });

  it('takes albums for classes only when asked for by name', async () => {
    const dir = await fixture({ 'Rome/1.png': picture, 'Oslo/2.png': picture, 'loose.png': picture });
    expect(await recogniseDataset(dir)).toBe('plain-folder');
    const dataset = await readDataset(dir, { format: 'class-tree' });
    expect(dataset.images.map((image) => image.class)).toEqual(['Oslo', 'Rome']);
    expect(dataset.notes).toEqual(['pictures outside any class folder were left out: loose.png']);
  });

  it('complains when no folder names a class', async () => {
    const dir = await fixture({ 'a.png': picture });
    await expect(readDataset(dir, { format: 'class-tree' })).rejects.toThrow(/"a\.png" has no class folder/);
  });
});

describe('the plain-folder reader', () => {
  it('finds pictures however deep, passes over hidden files and links that lead out', async () => {
    const outside = await fixture({ 'x.png': picture });
    const dir = await fixture({
      'b.PNG': picture,
      'deep/er/a.jpeg': picture,
      '.hidden/c.png': picture,
      'notes.txt': 'x',
    });
    await symlink(join(outside, 'x.png'), join(dir, 'stray.png'));
    await symlink(join(dir, 'b.PNG'), join(dir, 'inside.png'));
    await symlink(dir, join(dir, 'circle'));
    const dataset = await readDataset(dir);
    expect(dataset.images.map((image) => image.file)).toEqual(['b.PNG', 'deep/er/a.jpeg', 'inside.png']);
    expect(dataset.notes.join()).toMatch(/links that lead out of the folder were left out: .*stray\.png/);
    expect((await readFile(dataset.images[0]?.path ?? '')).length).toBeGreaterThan(0);
  });

  it('says so when there is no picture', async () => {
    const dir = await fixture({ 'notes.txt': 'x' });
    await expect(readDataset(dir)).rejects.toMatchObject({ code: 'NO_IMAGES' });
    await expect(readDataset(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});

describe('readDataset', () => {
  it('names the layouts when asked for one that is not there', async () => {
    const dir = await fixture({ 'a.png': picture });
    await expect(readDataset(dir, { format: 'coco' })).rejects.toThrow(
      /no dataset layout "coco"; there are: dataset-folder/,
    );
    expect(Object.keys(datasetReaders)).toContain('imagenet-x');
  });
});
