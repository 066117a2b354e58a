import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.js';
import { readDatasetFolder } from '../datasets/read-dataset-folder.js';
import { openDatasetWriter } from '../datasets/write-dataset-folder.js';
import { encodePng } from '../image/image-codec.js';
import { stripes } from '../testing/index.js';
import { planQueries } from '../training/recipes/query/plan-queries.js';
import { folderEvaluationSet } from './folder-evaluation-set.js';
import { writeHeldOutFolder } from './held-out-folder.js';
import { makersOf } from './makers.js';

let root: string;
let dataset: Dataset;
const at = (...names: string[]) => join(root, ...names);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'freestyle-held-out-'));
  const writer = await openDatasetWriter(at('photos'));
  for (let i = 0; i < 4; i++) {
    const bytes = await encodePng(stripes(i, 48));
    await writer.addImage({ file: `a/${i}.png`, class: i < 2 ? 'odd' : 'even', split: 'val', bytes });
  }
  await writer.close();
  dataset = await readDatasetFolder(at('photos'));
});
afterAll(() => rm(root, { recursive: true }));

it('writes a dataset folder whose queries mean their photos and name makers that no training sees', async () => {
  expect(await writeHeldOutFolder(dataset, at('whole'))).toEqual({ pictures: 12, drawn: 12 });
  const set = await folderEvaluationSet(at('whole'), { make: [] });
  expect(set.photos).toHaveLength(4);
  expect(set.queries).toHaveLength(12);
  expect(set.queries.every((query) => makersOf(query) === 'unseen')).toBe(true);
  expect(new Set(set.queries.map(({ style }) => style))).toEqual(
    new Set(['art (unseen makers)', 'sketch (unseen makers)', 'lowres (unseen makers)']),
  );
  expect(set.queries.slice(0, 3).map(({ target }) => target)).toEqual(['a/0.png', 'a/0.png', 'a/0.png']);
});

it('draws nothing again: not in a whole folder, nor what a killed run left', async () => {
  const before = await stat(at('whole', 'art', 'a-0.png.png'));
  expect(await writeHeldOutFolder(dataset, at('whole'))).toEqual({ pictures: 12, drawn: 0 });
  expect((await stat(at('whole', 'art', 'a-0.png.png'))).mtimeMs).toBe(before.mtimeMs);
  const abort = new AbortController();
  const stopped = writeHeldOutFolder(dataset, at('half'), {
    signal: abort.signal,
    onProgress: (done) => done === 6 && abort.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
  expect(await readdir(at('half'))).not.toContain('manifest.jsonl');
  expect(await writeHeldOutFolder(dataset, at('half'))).toEqual({ pictures: 12, drawn: 6 });
  for (const name of ['manifest.jsonl', 'art/a-3.png.png', 'sketch/a-0.png.png'])
    expect(await readFile(at('half', name))).toEqual(await readFile(at('whole', name)));
});

it('refuses a folder that holds other pictures', async () => {
  await expect(writeHeldOutFolder(dataset, at('whole'), { seed: 1 })).rejects.toThrow(
    /other photos, styles or another seed/,
  );
  await expect(writeHeldOutFolder(dataset, at('photos'))).rejects.toThrow(/a dataset of another kind/);
});

it('no training takes its pictures', async () => {
  const folder = await readDatasetFolder(at('whole'));
  expect(() => planQueries([folder], { make: [], perPhoto: 0, plain: false })).toThrow(
    /a maker that is kept for evaluation/,
  );
});
