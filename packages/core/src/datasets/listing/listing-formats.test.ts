import { afterEach, describe, expect, it } from 'vitest';
import { type FixtureFiles, picture } from '../fixture-folder.js';
import { peekCsv } from './csv-listing.js';
import type { ListColumns, ListingSource } from './listing.js';
import { recogniseListing } from './listing-formats.js';
import { fixtureSource, listAll, listBest } from './testing.js';

const made: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of made.splice(0)) await remove();
});

async function sourceOf(files: FixtureFiles, columns?: ListColumns): Promise<ListingSource> {
  const { source, remove } = await fixtureSource(files, { columns });
  made.push(remove);
  return source;
}

const listed = listAll;
const read = async (files: FixtureFiles, columns?: ListColumns) => listBest(await sourceOf(files, columns));

const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

describe('a dataset folder', () => {
  it('lists photos first, then queries, and each bad line with its place', async () => {
    const found = await read({
      'manifest.jsonl': `${lines(
        { kind: 'query', style: 'sketch', file: 's.png', target: 'a.png' },
        { kind: 'image', file: 'a.png', captions: ['one'], tags: ['x'], mood: 'glad' },
        { kind: 'image', file: '../a.png' },
        { kind: 'image', file: 'a.png' },
      )}{"kind":`,
      'a.png': picture,
      's.png': picture,
    });
    expect(found.format).toBe('dataset-folder');
    expect(found.kinds).toEqual(['image', 'query']);
    expect(found.photos[0]).toMatchObject({ file: 'a.png', tags: ['x'], attributes: { mood: 'glad' } });
    expect(found.problems).toEqual([
      'manifest.jsonl:3 PATH_OUTSIDE',
      'manifest.jsonl:4 DUPLICATE_IMAGE',
      'manifest.jsonl:5 BAD_JSON',
    ]);
  });

  it('goes on after a line of many megabytes', async () => {
    const long = `{"kind":"image","file":"${'x'.repeat(9_000_000)}"}\n`;
    const found = await read({
      'manifest.jsonl': long + lines({ kind: 'image', file: 'a.png' }),
      'a.png': picture,
    });
    expect(found.problems).toEqual(['manifest.jsonl:1 BAD_RECORD']);
    expect(found.photos.map(({ file }) => file)).toEqual(['a.png']);
  });
});

describe('a CSV list', () => {
  it('is read with a mark, quotes, line breaks, several captions of a photo, and queries', async () => {
    const found = await read({
      'train.csv':
        '\uFEFFimage,caption,label,tags,style,target,artist\r\n' +
        'a.png,"a dog, running",dog,"wet;brown",,,Ada\r\n' +
        'a.png,"says ""hi""\nand sits",dog,,,,\r\n' +
        'b.png,,cat,,,,\r\n' +
        's.png,,dog,,sketch,a.png,\r\n' +
        ',a dog,,,text,a.png,\r\n',
      'pictures/a.png': picture,
      'pictures/b.png': picture,
      'pictures/s.png': picture,
    });
    expect(found).toMatchObject({ format: 'csv', problems: [] });
    expect(found.photos).toMatchObject([
      {
        file: 'pictures/a.png',
        captions: ['a dog, running', 'says "hi"\nand sits'],
        class: 'dog',
        split: 'train',
        tags: ['wet', 'brown'],
        attributes: { artist: 'Ada' },
      },
      { file: 'pictures/b.png', captions: [], class: 'cat', tags: [], attributes: {} },
    ]);
    expect(found.queries).toMatchObject([
      { file: 'pictures/s.png', style: 'sketch', target: 'pictures/a.png', class: 'dog' },
      { text: 'a dog', style: 'text', target: 'pictures/a.png' },
    ]);
  });

  it('tells a column that is not there, or that none names the pictures, and what there is instead', async () => {
    const files = { 'list.csv': 'foto;text\na.png;words\n', 'a.png': picture };
    const wrong = await listed(await sourceOf(files, { file: 'photo' }), 'csv');
    expect(wrong).toEqual([
      {
        kind: 'problem',
        place: 'list.csv:1',
        code: 'UNKNOWN_COLUMN',
        reason: 'expected a column "photo", got "foto", "text"',
      },
    ]);
    const none = await listed(await sourceOf(files), 'csv');
    expect(none).toMatchObject([
      { code: 'UNKNOWN_COLUMN', reason: expect.stringContaining('"foto", "text"') },
    ]);
    expect(await recogniseListing(await sourceOf(files))).toEqual(['plain']);
    const mapped = await read(files, { file: 'foto' });
    expect(mapped).toMatchObject({ format: 'csv', photos: [{ file: 'a.png', captions: ['words'] }] });
  });

  it('takes captions of 100 kB, addresses, and tells rows that are wrong', async () => {
    const long = 'word '.repeat(20_000);
    const found = await read({
      'list.csv': `file,url,caption,class\na.png,,"${long}",\n,https://example.org/b.jpg,b,\n,ftp://example.org/c.jpg,c,\n,,d,\n../e.png,,e,\n/f.png,,f,\na.png,,again,x,too,many\na.png,,,one\na.png,,,two\n`,
      'a.png': picture,
    });
    expect(found.photos.map(({ file }) => file)).toEqual(['a.png', 'https://example.org/b.jpg']);
    expect(found.photos[0]?.captions[0]).toHaveLength(long.trim().length);
    expect(found.problems).toEqual([
      'list.csv:4 BAD_RECORD',
      'list.csv:5 BAD_RECORD',
      'list.csv:6 PATH_OUTSIDE',
      'list.csv:7 PATH_OUTSIDE',
      'list.csv:8 BAD_CSV',
    ]);
  });

  it('that is broken from some line on keeps what stands before, and says where', async () => {
    const found = await read({
      'list.csv': `file,caption\na.png,one\nb.png,"never closed ${'x'.repeat(1_100_000)}`,
      'a.png': picture,
      'b.png': picture,
    });
    expect(found.photos.map(({ file }) => file)).toEqual(['a.png']);
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]).toMatch(/^list\.csv:\d+ BAD_CSV$/);
    expect(found.reasons[0]?.length).toBeLessThan(300);
  });

  it('shows its header and first rows before anything is mapped', async () => {
    const source = await sourceOf({ 'list.csv': 'foto\ttext\na.png\tone\nb.png\ttwo\n', 'a.png': picture });
    expect(await peekCsv(source, 1)).toEqual({ columns: ['foto', 'text'], rows: [['a.png', 'one']] });
  });
});

it('JSON lines under other names are read by the keys that they use', async () => {
  const found = await read({
    'data.jsonl': lines({ filename: 'a.png', text: ['one', 'two'], label: 'x' }, [1], { caption: 'no file' }),
    'a.png': picture,
  });
  expect(found.format).toBe('jsonl');
  expect(found.photos).toMatchObject([{ file: 'a.png', captions: ['one', 'two'], class: 'x' }]);
  expect(found.problems).toEqual(['data.jsonl:2 BAD_JSON', 'data.jsonl:3 BAD_RECORD']);
});

it('COCO captions are read with the split of their name, and annotations of no image are told', async () => {
  const found = await read({
    'annotations/captions_val2017.json': JSON.stringify({
      info: {},
      images: [{ id: 7, file_name: '007.png' }, { id: 8, file_name: '008.png' }, { id: 9 }],
      annotations: [
        { image_id: 7, caption: 'one' },
        { image_id: 7, caption: 'two' },
        { image_id: 99, caption: 'lost' },
        { image_id: 8, caption: 5 },
      ],
    }),
    'val2017/007.png': picture,
    'val2017/008.png': picture,
  });
  expect(found.format).toBe('coco-captions');
  expect(found.photos).toMatchObject([
    { file: 'val2017/007.png', captions: ['one', 'two'], split: 'val' },
    { file: 'val2017/008.png', captions: [], split: 'val' },
  ]);
  expect(found.problems).toEqual([
    'annotations/captions_val2017.json: annotations[2] BAD_RECORD',
    'annotations/captions_val2017.json: annotations[3] BAD_RECORD',
    'annotations/captions_val2017.json: images[2] BAD_RECORD',
  ]);
});

it.each([
  ['Flickr8k.token.txt', 'a.png#0\tone\na.png#1\ttwo\nb.png#0\tthree\n'],
  ['captions.txt', 'image,caption\na.png,one\na.png,two\nb.png,"three"\n'],
  ['results.csv', 'image_name| comment_number| comment\na.png| 0| one\na.png| 1| two\nb.png| 0| three\n'],
])('captions one a line are read with their splits: %s', async (name, text) => {
  const found = await read({
    [name]: `${text}rubbish\n`,
    'Flickr_8k.devImages.txt': 'b.png\n',
    'Images/a.png': picture,
    'Images/b.png': picture,
  });
  expect(found.format).toBe('caption-file');
  expect(found.photos).toMatchObject([
    { file: 'Images/a.png', captions: ['one', 'two'] },
    { file: 'Images/b.png', captions: ['three'], split: 'val' },
  ]);
  expect(found.problems).toHaveLength(1);
  expect(found.problems[0]).toMatch(/^.+:\d BAD_RECORD$/);
});

it('a tree of styles and classes gives photos and queries; a tree of classes is taken for one when asked', async () => {
  const files = {
    'photo/dog/1.png': picture,
    'sketch/dog/2.png': picture,
    'watercolour/cat/3.png': picture,
    'loose.png': picture,
  };
  const styles = await read(files);
  expect(styles.format).toBe('style-class-tree');
  expect(styles.kinds).toEqual(['image', 'query', 'query']);
  expect(styles.queries).toMatchObject([
    { style: 'sketch', class: 'dog' },
    { style: 'watercolour', class: 'cat' },
  ]);
  expect(styles.problems).toEqual(['loose.png BAD_LAYOUT']);
  const classes = await listed(await sourceOf(files), 'class-tree');
  expect(classes.flatMap((entry) => (entry.kind === 'image' ? [entry.class] : []))).toEqual([
    'photo',
    'sketch',
    'watercolour',
  ]);
  expect((await read({ 'train/dog/1.png': picture })).photos).toMatchObject([
    { class: 'dog', split: 'train' },
  ]);
});

it('DSR and ImageNet-X are listed without the entries whose pictures are not there', async () => {
  const dsr = await read({
    'train.json': JSON.stringify([{ image: 'x/1.png' }, { image: 'x/2.png' }]),
    'images/x/1.png': picture,
    'sketch/x/1.png': picture,
    'text/x/1.txt': 'a caption',
  });
  expect(dsr).toMatchObject({
    format: 'dsr',
    photos: [{ file: 'images/x/1.png', captions: ['a caption'], split: 'train' }],
    queries: [{ file: 'sketch/x/1.png', style: 'sketch', target: 'images/x/1.png' }],
    problems: ['train.json[1] FILE_MISSING'],
  });
  const imageNetX = await read({
    'art_test.json': JSON.stringify([
      { classname: 'dog', origin_image: 'o/1.png', art_image: 'a/1.png' },
      { classname: 'dog', origin_image: 'o/2.png', art_image: 'a/2.png' },
    ]),
    'o/1.png': picture,
    'a/1.png': picture,
    'a/2.png': picture,
  });
  expect(imageNetX).toMatchObject({
    format: 'imagenet-x',
    photos: [{ file: 'o/1.png', class: 'dog' }],
    queries: [{ file: 'a/1.png', style: 'art', target: 'o/1.png' }],
    problems: ['art_test.json[1] FILE_MISSING'],
  });
});

it('a name that fits two files is told, not guessed', async () => {
  const found = await read({ 'list.csv': 'file\na.png\n', 'x/a.png': picture, 'y/a.png': picture });
  expect(found.problems).toEqual(['list.csv:2 AMBIGUOUS']);
});
