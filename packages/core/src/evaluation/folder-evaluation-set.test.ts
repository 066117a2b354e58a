import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatasetFolder } from '../datasets/read-dataset-folder.js';
import { encodePng } from '../image/image-codec.js';
import { evaluateModel } from './evaluate-model.js';
import { type EvaluationQuery, limitQueries } from './evaluation-set.js';
import { pixelModel, pixelSet } from './fixtures/pixel-model.js';
import { datasetEvaluationSet, folderEvaluationSet } from './folder-evaluation-set.js';
import { identifyQueries } from './query-identity.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-set-'));
  const records: object[] = [];
  for (const [i, photo] of pixelSet(4).photos.entries()) {
    const image = await photo.load();
    await writeFile(join(folder, `${i}.png`), await encodePng({ ...image, data: image.data }));
    const split = i % 2 === 0 ? 'train' : 'val';
    records.push({
      kind: 'image',
      file: `${i}.png`,
      captions: [`a ${photo.className} ground`, 'blocks'],
      class: photo.className,
      split,
    });
  }
  records.push({ kind: 'query', style: 'sketch', file: '1.png', target: '1.png', split: 'val' });
  await writeFile(join(folder, 'manifest.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

const pixels = async ({ content }: EvaluationQuery) =>
  'load' in content ? [...(await content.load()).data] : [];

describe('folderEvaluationSet', () => {
  it('has the photos of the split as gallery, each caption as a text query, and low-res queries made where there are none', async () => {
    const set = await folderEvaluationSet(folder, { split: 'val' });
    const count = (style: string) => set.queries.filter((query) => query.style === style).length;
    expect(set.photos).toHaveLength(6);
    expect([count('text'), count('sketch'), count('lowres')]).toEqual([12, 1, 6]);
    expect(new Set(set.queries.map(({ id }) => id)).size).toBe(19);
    const report = await evaluateModel(pixelModel(), set);
    expect(report.styles.map(({ style }) => style).sort()).toEqual(['lowres', 'sketch', 'text']);
    expect(report.styles.find(({ style }) => style === 'sketch')?.figures.metrics['hit@1']).toBe(1);
  });

  it('makes low-res queries with a 16-pixel mosaic: a 16-pixel photo becomes one colour', async () => {
    const set = await folderEvaluationSet(folder, { styles: ['lowres'] });
    const query = set.queries.find(({ style }) => style === 'lowres');
    const data = query === undefined ? [] : await pixels(query);
    expect(data).toHaveLength(16 * 16 * 3);
    expect(new Set(data).size).toBeLessThanOrEqual(3);
  });

  it('makes the same sketch of a photo whichever photos are with it, and another for another seed', async () => {
    const made = async (options: { split?: string; seed?: number }) => {
      const set = await folderEvaluationSet(folder, { ...options, make: ['art'] });
      const query = set.queries.find(({ id }) => /^made art .*of 3\.png$/.test(id));
      return { id: query?.id, data: query === undefined ? [] : await pixels(query) };
    };
    const whole = await made({});
    expect(whole.data.length).toBeGreaterThan(0);
    expect(await made({ split: 'val' })).toEqual(whole);
    const other = await made({ seed: 3 });
    expect(other.data).not.toEqual(whole.data);
    // Other pictures under the same name would be paired by a comparison of two runs.
    expect([whole.id, other.id]).toEqual(['made art of 3.png', 'made art (seed 3) of 3.png']);
  });

  it('makes harder queries when told how, and calls them by another name', async () => {
    const made = async (options: { makers?: Record<string, string>; strength?: number }) => {
      const set = await folderEvaluationSet(folder, { ...options, make: ['lowres'] });
      const query = set.queries.find(({ style }) => style === 'lowres');
      return { id: query?.id, data: query === undefined ? [] : await pixels(query) };
    };
    const [usual, fine] = [await made({}), await made({ makers: { lowres: 'lowres-mosaic-8' } })];
    expect(fine.id).toBe('made lowres (lowres-mosaic-8) of 0.png');
    // A mosaic of 16 pixels leaves one colour of a 16-pixel photo, one of 8 leaves four.
    expect(new Set(usual.data).size).toBeLessThan(new Set(fine.data).size);
    const blurred = (strength: number) => made({ makers: { lowres: 'lowres-blur' }, strength });
    expect((await blurred(1)).data).not.toEqual((await blurred(0)).data);
    await expect(made({ makers: { lowres: 'art-oil' } })).rejects.toThrow(
      /art-oil makes art queries, not lowres/,
    );
    await expect(made({ makers: { lowres: 'etching' } })).rejects.toThrow(/no style maker "etching"/);
  });

  it('refuses a strength that changes no query, and leaves it out of the names of queries that have none', async () => {
    const strong = { strength: 0.5 };
    await expect(folderEvaluationSet(folder, strong)).rejects.toThrow(
      /would change no query: mosaics have none/,
    );
    await expect(folderEvaluationSet(folder, { ...strong, make: ['sketch'] })).rejects.toThrow(
      /none is made here/,
    );
    const { queries } = await folderEvaluationSet(folder, { ...strong, make: ['lowres', 'art'] });
    const ids = queries.map(({ id }) => id);
    expect(ids).toContain('made lowres of 3.png');
    expect(ids).toContain('made art (strength 0.5) of 3.png');
  });

  it('makes one text for each class where no photo has a caption', async () => {
    const set = await folderEvaluationSet(folder, { make: ['text'] });
    expect(set.queries.some(({ id }) => id.startsWith('made text'))).toBe(false);
    const bare = { ...(await readDatasetFolder(folder)), queries: [] };
    const images = bare.images.map((image) => ({ ...image, captions: [] }));
    const made = datasetEvaluationSet({ ...bare, images }, { make: ['text'] }).queries;
    expect(made.map(({ content }) => content)).toEqual([
      { text: 'a blue' },
      { text: 'a green' },
      { text: 'a red' },
    ]);
  });

  it('asks at most so many queries of a style as were asked for, whatever they name', async () => {
    const set = pixelSet(8);
    const queries = set.queries.map((query, i) => (i % 2 === 0 ? { ...query, target: undefined } : query));
    const few = limitQueries({ ...set, queries }, 5);
    for (const style of ['text', 'sketch', 'art'])
      expect(few.queries.filter((query) => query.style === style)).toHaveLength(5);
  });

  it('tells queries by content: the same under another name or place, another for another target', async () => {
    const set = await folderEvaluationSet(folder, { split: 'val', make: ['lowres', 'art'] });
    const identities = await identifyQueries(set);
    const keys = new Map(set.queries.map((query) => [query.id, identities.of(query, 'instance').key]));
    expect(new Set(keys.values()).size).toBe(set.queries.length);
    const renamed = {
      ...set,
      photos: set.photos.map((photo) => ({ ...photo, id: `new/${photo.id}` })),
      queries: [...set.queries]
        .reverse()
        .map((query) => ({ ...query, id: `${query.id}!`, target: query.target && `new/${query.target}` })),
    };
    const again = await identifyQueries(renamed);
    for (const query of renamed.queries)
      expect(again.of(query, 'instance').key).toBe(keys.get(query.id.slice(0, -1)));
  });

  it('makes no style that the folder brings itself', async () => {
    const set = await folderEvaluationSet(folder, { make: ['sketch'] });
    expect(set.queries.filter(({ style }) => style === 'sketch')).toHaveLength(1);
    expect(set.queries.some(({ style }) => style === 'lowres')).toBe(false);
  });

  it('refuses styles that cannot be made, before it reads anything', async () => {
    await expect(folderEvaluationSet('/nowhere', { make: ['etching'] })).rejects.toThrow(
      /"etching" cannot be made/,
    );
  });
});
