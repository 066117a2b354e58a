import { afterEach, describe, expect, it } from 'vitest';
import { type FixtureFiles, picture } from '../fixture-folder.js';
import { detectEncoding } from '../text-file.js';
import type { ListingSource } from './listing.js';
import { fixtureSource, listAll, listBest } from './testing.js';

const made: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of made.splice(0)) await remove();
});

async function sourceOf(files: FixtureFiles, options: Partial<ListingSource> = {}): Promise<ListingSource> {
  const { source, remove } = await fixtureSource(files, options);
  made.push(remove);
  return source;
}
const read = async (files: FixtureFiles, options: Partial<ListingSource> = {}) =>
  listBest(await sourceOf(files, options));

const pictures = (...names: string[]): FixtureFiles =>
  Object.fromEntries(names.map((name) => [name, picture]));
const captionsOf = ({ photos }: Awaited<ReturnType<typeof read>>) =>
  Object.fromEntries(photos.map(({ file, captions }) => [file, captions]));

describe('quotes in a table', () => {
  it('a cell that begins with a quoted word is text, its quotes included', async () => {
    const found = await read({
      'captions.csv':
        'file,caption\na.png,"Sunset" over the bay\nb.png,"well, quoted"\nc.png,the "old" town\n',
      ...pictures('a.png', 'b.png', 'c.png'),
    });
    expect(found.problems).toEqual([]);
    expect(captionsOf(found)).toEqual({
      'a.png': ['"Sunset" over the bay'],
      'b.png': ['well, quoted'],
      'c.png': ['the "old" town'],
    });
  });

  it('a quote that is never closed costs no other row', async () => {
    const found = await read({
      'captions.tsv': 'file\tcaption\na.png\tone\nb.png\t"a 5" nail\nc.png\t"open\nd.png\t"closed"\n',
      ...pictures('a.png', 'b.png', 'c.png', 'd.png'),
    });
    expect(found.problems).toEqual([]);
    expect(captionsOf(found)).toEqual({
      'a.png': ['one'],
      'b.png': ['"a 5" nail'],
      'c.png': ['"open'],
      'd.png': ['closed'],
    });
  });

  it('where an open quote breaks a row, the line that it was opened in is named and the others are kept', async () => {
    const found = await read({
      'captions.csv': 'file,caption\na.png,one\nb.png,"a dog, a cat\nc.png,three\n',
      ...pictures('a.png', 'b.png', 'c.png'),
    });
    expect(found.photos.map(({ file }) => file)).toEqual(['a.png', 'c.png']);
    expect(found.problems).toEqual(['captions.csv:3 BAD_CSV']);
    expect(found.reasons[0]).toMatch(/opened in line 3 is never closed/);
  });

  it('a row of megabytes is told, and the rows after it are read', async () => {
    const found = await read({
      'captions.csv': `file,caption\na.png,one\nb.png,${'x'.repeat(3_000_000)}\nc.png,three\n`,
      ...pictures('a.png', 'b.png', 'c.png'),
    });
    expect(found.photos.map(({ file }) => file)).toEqual(['a.png', 'c.png']);
    expect(found.problems).toEqual(['captions.csv:3 BAD_CSV']);
  });
});

describe('names that are nearly right', () => {
  it('match across Unicode forms', async () => {
    const decomposed = 'cafe\u0301-O\u0308l.png';
    const found = await read({
      'captions.csv': `file,caption\n${decomposed.normalize('NFC')},strong\n`,
      [decomposed]: picture,
    });
    expect(captionsOf(found)).toEqual({ [decomposed]: ['strong'] });
  });

  it('match across letter case, ending and leading zeros where one candidate is left', async () => {
    const found = await read({
      'captions.csv': 'file,caption\nimg_0001.jpg,one\nimg_0002,two\n123,three\nx/00045.jpeg,four\n',
      ...pictures('IMG_0001.PNG', 'img_0002.png', '000123.png', 'y/x/45.png'),
    });
    expect(found.problems).toEqual([]);
    expect(captionsOf(found)).toEqual({
      'IMG_0001.PNG': ['one'],
      'img_0002.png': ['two'],
      '000123.png': ['three'],
      'y/x/45.png': ['four'],
    });
  });

  it('are told with the near files where several are left, and an exact name always wins', async () => {
    const found = await read({
      'captions.csv': 'file,caption\nIMG.png,exact\nImg.png,which\n7.png,zeros\n',
      ...pictures('IMG.png', 'img.png', '07.png', '007.png'),
    });
    expect(captionsOf(found)).toEqual({ 'IMG.png': ['exact'] });
    expect(found.problems).toEqual(['captions.csv:3 AMBIGUOUS', 'captions.csv:4 AMBIGUOUS']);
    expect(found.reasons[0]).toMatch(/IMG\.png or img\.png; there is no file of exactly this name/);
    expect(found.reasons[1]).toMatch(/007\.png or 07\.png/);
  });
});

describe('lists inside the folders of splits', () => {
  it('are read with captions and splits, whichever of CSV and JSON lines each is', async () => {
    const rows = (n: number) => `file_name,text\n000.png,caption ${n}\n001.png,caption ${n + 1}\n`;
    const csv = await read({
      'train/metadata.csv': rows(1),
      'test/metadata.csv': rows(3),
      ...pictures('train/000.png', 'train/001.png', 'test/000.png', 'test/001.png'),
    });
    const mixed = await read({
      'data/train/metadata.csv': rows(1),
      'data/validation/metadata.jsonl': '{"file_name":"000.png","text":"caption 3"}\n',
      ...pictures('data/train/000.png', 'data/train/001.png', 'data/validation/000.png'),
    });
    const splits = ({ photos }: typeof csv) => photos.map(({ file, split }) => `${file} ${split}`).sort();
    expect(splits(csv)).toEqual([
      'test/000.png test',
      'test/001.png test',
      'train/000.png train',
      'train/001.png train',
    ]);
    expect(captionsOf(csv)['test/001.png']).toEqual(['caption 4']);
    expect(splits(mixed)).toEqual([
      'data/train/000.png train',
      'data/train/001.png train',
      'data/validation/000.png val',
    ]);
    expect(captionsOf(mixed)['data/validation/000.png']).toEqual(['caption 3']);
  });

  it('a list about model trains makes no split, a pair of lists that differ in the split alone does', async () => {
    const one = 'file\na.png\n';
    const trains = await read({ 'model-train-photos.csv': one, 'a.png': picture });
    expect(trains.photos).toMatchObject([{ file: 'a.png' }]);
    expect(trains.photos[0]).not.toHaveProperty('split');
    const birds = await read({
      'birds-train.csv': one,
      'birds-test.csv': 'file\nb.png\n',
      ...pictures('a.png', 'b.png'),
    });
    expect(birds.photos.map(({ file, split }) => `${file} ${split}`).sort()).toEqual([
      'a.png train',
      'b.png test',
    ]);
  });
});

describe('JSON', () => {
  it.each([
    [
      '{"images": [{"id": 1, "file_name": "a.png",\n "score": NaN}], "annotations": []}',
      '2:11',
      /NaN is no value/,
    ],
    ['{"images": [{"id": 1, "file_name": "a.png"}],\n "annotations": [', '2:18', /ends in the middle/],
    ['[{"image": "a.png", "caption": "x"},\n]', '2:1', /a comma before the closing bracket/],
    ['[{"image": \'a.png\'}]', '1:12', /single quotes/],
  ])('a broken list is an error with file, line and column: %s', async (text, place, reason) => {
    const source = await sourceOf({ 'captions.json': text, 'a.png': picture });
    await expect(listBest(source)).rejects.toThrow(new RegExp(`^captions\\.json:${place}: `));
    await expect(listBest(source)).rejects.toThrow(reason);
  });

  it('a broken setting of another program is nobody’s list', async () => {
    const found = await read({ 'settings.json': '{"theme": dark}', 'a.png': picture });
    expect(found).toMatchObject({ format: 'plain', problems: [] });
  });

  it('a plain array of objects is read', async () => {
    const found = await read({
      'list.json': JSON.stringify([
        { image: 'a.png', caption: 'one', id: 3 },
        { image: 'z' },
        { caption: 'x' },
      ]),
      'a.png': picture,
    });
    expect(found.format).toBe('json');
    expect(found.photos).toMatchObject([
      { file: 'a.png', captions: ['one'], attributes: { id: 3 } },
      { file: 'z' },
    ]);
    expect(found.problems).toEqual(['list.json[2] BAD_RECORD']);
  });

  it('long ids of COCO stay apart, and in attributes keep their digits', async () => {
    const coco = await read({
      'captions.json': `{"images": [{"id": 9007199254740992, "file_name": "a.png"},
        {"id": 9007199254740993, "file_name": "b.png"}],
        "annotations": [{"image_id": 9007199254740992, "caption": "of a"},
        {"image_id": 9007199254740993, "caption": "of b"}]}`,
      ...pictures('a.png', 'b.png'),
    });
    expect(captionsOf(coco)).toEqual({ 'a.png': ['of a'], 'b.png': ['of b'] });
    const lines = await read({ 'x.jsonl': '{"file":"a.png","id":9007199254740993}\n', 'a.png': picture });
    expect(lines.photos[0]?.attributes).toEqual({ id: '9007199254740993' });
  });

  it('an id that two images have gives its captions to neither, and a text is told from a number', async () => {
    const found = await read({
      'captions.json': JSON.stringify({
        images: [
          { id: 1, file_name: 'cats.png' },
          { id: 1, file_name: 'boat.png' },
          { id: 2, file_name: 'c.png' },
        ],
        annotations: [
          { image_id: 1, caption: 'whose?' },
          { image_id: '2', caption: 'a text' },
          { image_id: 2, caption: 'good' },
        ],
      }),
      ...pictures('cats.png', 'boat.png', 'c.png'),
    });
    expect(captionsOf(found)).toEqual({ 'cats.png': [], 'boat.png': [], 'c.png': ['good'] });
    expect(found.problems).toEqual([
      'captions.json: images[1] DUPLICATE_ID',
      'captions.json: annotations[0] AMBIGUOUS',
      'captions.json: annotations[1] BAD_RECORD',
    ]);
    expect(found.reasons[0]).toMatch(/"boat.png" has the id 1, as images\[0\] \("cats.png"\)/);
    expect(found.reasons[2]).toMatch(/a text; the images have the number 2/);
  });
});

describe('first lines and encodings', () => {
  it.each([
    ['sep=;\nfile;caption\na.png;one, two\n'],
    ['\n\nfile,caption\na.png,"one, two"\n'],
    ['\uFEFFsep=;\r\nfile;caption\r\na.png;one, two\r\n'],
    ['file\tcaption\r\ra.png\tone, two\r'],
  ])('a table that begins with %j is read', async (text) => {
    const found = await read({ 'list.csv': text, 'a.png': picture });
    expect(found.problems).toEqual([]);
    expect(captionsOf(found)).toEqual({ 'a.png': ['one, two'] });
  });

  const windows1252 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

  it.each([
    ['windows-1252', windows1252('file,caption\na.png,caf\u00e9 cr\u00e8me\n')],
    ['utf-16le', Buffer.from('\uFEFFfile,caption\na.png,café crème\n', 'utf16le')],
    ['utf-16le', Buffer.from('file,caption\na.png,café crème\n', 'utf16le')],
    ['utf-16be', utf16be('\uFEFFfile,caption\na.png,café crème\n')],
    ['utf-8', Buffer.from('file,caption\na.png,café crème\n')],
  ])('%s is found out, and every letter kept', async (encoding, bytes) => {
    const source = await sourceOf({ 'list.csv': bytes, 'a.png': picture });
    expect(await detectEncoding(`${source.dir}/list.csv`)).toBe(encoding);
    expect(captionsOf(await listBest(source))).toEqual({ 'a.png': ['café crème'] });
  });

  it('an encoding can be set, and JSON lines in UTF-16 are read', async () => {
    const cyrillic = Uint8Array.from([...Buffer.from('file,caption\na.png,'), 0xea, 0xee, 0xf2, 10]);
    const source = await sourceOf({ 'list.csv': cyrillic, 'a.png': picture }, { encoding: 'windows-1251' });
    expect(captionsOf(await listBest(source))).toEqual({ 'a.png': ['кот'] });
    const lines = Buffer.from('\uFEFF{"file":"a.png","caption":"Öl 雪"}\n', 'utf16le');
    expect(captionsOf(await read({ 'x.jsonl': lines, 'a.png': picture }))).toEqual({ 'a.png': ['Öl 雪'] });
  });

  it('a UTF-8 list with a damaged letter tells the row, and the others are kept', async () => {
    const bytes = Buffer.concat([
      Buffer.from('file,caption\na.png,café crème brûlée\nb.png,dam'),
      Buffer.from([0xe9]),
      Buffer.from('aged\n'),
    ]);
    const found = await read({ 'list.csv': bytes, ...pictures('a.png', 'b.png') });
    expect(captionsOf(found)).toEqual({ 'a.png': ['café crème brûlée'] });
    expect(found.problems).toEqual(['list.csv:3 BAD_ENCODING']);
  });
});

describe('a class tree', () => {
  const tree = pictures('airplane/1.png', 'bus/1.png', 'train/1.png', 'train/2.png');

  it('may have a class that is called train', async () => {
    const found = await read(tree);
    expect(found.format).toBe('class-tree');
    expect(found.problems).toEqual([]);
    expect(found.photos.map(({ file, class: label, split }) => [file, label, split])).toEqual([
      ['airplane/1.png', 'airplane', undefined],
      ['bus/1.png', 'bus', undefined],
      ['train/1.png', 'train', undefined],
      ['train/2.png', 'train', undefined],
    ]);
    const asked = await listAll(await sourceOf(pictures('test/1.png', 'val/1.png')), 'class-tree');
    expect(asked).toMatchObject([{ class: 'test' }, { class: 'val' }]);
  });

  it('is not seen in somebody’s albums, nor in pictures beside folders', async () => {
    for (const files of [
      pictures('Italy 2019/1.png', 'Wedding/2.png'),
      pictures('cats/1.png', 'dogs/2.png', 'x.png'),
    ]) {
      expect((await read(files)).format).toBe('plain');
    }
  });
});
