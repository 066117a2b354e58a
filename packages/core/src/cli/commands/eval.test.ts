import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBlockFolder } from '../fixtures/block-folder.js';
import { writeTinyBackbone } from '../fixtures/tiny-backbone.js';
import { runCli } from '../run-cli.js';
import { commands } from './index.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-eval-'));
  await writeTinyBackbone(at('backbone'));
  await writeBlockFolder(at('blocks'), 36);
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...line: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCli(
    [...line, ...(line.includes('--model') ? [] : ['--model', at('backbone')])],
    commands,
    {
      print: (text) => void out.push(text),
      note: (text) => void notes.push(text),
      interactive: false,
      env: {},
      signal: new AbortController().signal,
    },
  );
  return { code, out: out.join('\n'), notes: notes.join('\n') };
}

describe('freestyle eval', () => {
  it('evaluates a model folder on a dataset folder and writes the JSON that scripts read', async () => {
    const { code, out, notes } = await run(
      'eval',
      at('blocks'),
      '--split',
      'val',
      '--json',
      at('report.json'),
    );
    expect(code, notes).toBe(0);
    expect(notes).toMatch(/Model tiny: 16 dimensions, runs on cpu/);
    expect(out).toMatch(/^text +18 +18 /m);
    const json = JSON.parse(await readFile(at('report.json'), 'utf8'));
    expect(json).toMatchObject({
      model: 'tiny',
      dataset: 'blocks',
      split: 'val',
      protocol: 'full-gallery',
      gallery: 18,
    });
    expect(Object.keys(json.styles).sort()).toEqual(['lowres', 'text']);
    for (const figures of Object.values<Record<string, unknown>>(json.styles)) {
      expect(Object.keys(figures)).toEqual(
        expect.arrayContaining(['queries', 'hit@1', 'hit@5', 'hit@10', 'mrr', 'ci95']),
      );
    }
  });

  it('gives the same figures for the same seed', async () => {
    const figures = async (name: string) => {
      await run(
        'eval',
        at('blocks'),
        '--make',
        'sketch,art',
        '--styles',
        'sketch,art',
        '--seed',
        '5',
        '--json',
        at(name),
      );
      return readFile(at(name), 'utf8');
    };
    expect(await figures('a.json')).toBe(await figures('b.json'));
  });

  it('writes every form of the report with example sheets, mixed queries and the paper protocol apart', async () => {
    const more = ['--mixed', 'text+lowres', '--paper', '6', '--queries', 'backbone', '--examples', '2'];
    const { code, out, notes } = await run(
      'eval',
      at('blocks'),
      '--split',
      'val',
      '--report',
      at('report'),
      ...more,
    );
    expect(code, notes).toBe(0);
    expect(out).toMatch(/^text\+lowres +18 /m);
    expect(out).toContain('paper protocol (in-batch 6, top-1/top-4): not comparable');
    expect((await readdir(at('report'))).sort()).toEqual([
      'examples.html',
      'examples.png',
      'qrels.trec',
      'report.csv',
      'report.json',
      'report.md',
      'report.tex',
      'run.trec',
    ]);
  });

  it('can ask fewer queries of the same full gallery', async () => {
    const { code, out } = await run(
      'eval',
      at('blocks'),
      '--split',
      'val',
      '--styles',
      'text',
      '--per-style',
      '5',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^text +5 +18 /m);
  });

  it('names the bundle that is not there', async () => {
    const { code, notes } = await run('eval', at('blocks'), '--model', at('nowhere'));
    expect(code).toBe(2);
    expect(notes).toMatch(/nowhere/);
  });
});

describe('freestyle map', () => {
  it('writes maps before and after the query tower, with the figures', async () => {
    const { code, out, notes } = await run(
      'map',
      at('blocks'),
      '--make',
      'lowres,sketch',
      '--out',
      at('maps'),
      '--photos',
      '20',
    );
    expect(code, notes).toBe(0);
    expect(out).toMatch(/style probe \d+\.\d %/);
    expect((await readdir(at('maps'))).filter((name) => name.endsWith('.svg'))).toHaveLength(8);
    const figures = JSON.parse(await readFile(at('maps', 'maps.json'), 'utf8'));
    // A plain backbone has no other query tower: before and after are the same.
    expect(figures.after).toEqual(figures.before);
  });
});
