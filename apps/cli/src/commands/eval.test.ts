import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetVersion, VERSION_NAME } from '@freestyle/core/datasets';
import { writeTinyBackbone } from '@freestyle/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBlockFolder } from '../fixtures/block-folder.js';
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
    // Makers that training draws from and makers that it never sees are never in one figure.
    expect(Object.keys(json.styles).sort()).toEqual(
      ['art', 'lowres', 'sketch']
        .map((style) => `${style} (unseen makers)`)
        .concat('lowres', 'text')
        .sort(),
    );
    expect(out).toMatch(/^sketch \(unseen makers\) +18 +18 /m);
    for (const figures of Object.values<Record<string, unknown>>(json.styles)) {
      expect(Object.keys(figures)).toEqual(
        expect.arrayContaining(['queries', 'hit@1', 'hit@5', 'hit@10', 'mrr', 'ci95']),
      );
    }
  });

  it('names the data by name and content hash in report and table, and says when it is no longer what it was', async () => {
    const version = await datasetVersion(at('blocks'));
    const evaluate = async (name: string) => {
      const result = await run('eval', at('blocks'), '--styles', 'text', '--json', at(name));
      return { ...result, json: JSON.parse(await readFile(at(name), 'utf8')) };
    };
    const plain = await evaluate('plain.json');
    expect(plain.json.datasetVersion).toEqual({ name: 'blocks', hash: version.hash, recorded: null });
    expect(plain.out).toContain(`version ${version.hash?.slice(0, 12)}`);
    const recorded = { dataset: 'Blocks', number: 2, contentHash: '0'.repeat(64) };
    const more = { format: 'freestyle-dataset-version', name: null, createdAt: '2026-11-25T00:00:00.000Z' };
    await writeFile(at('blocks', VERSION_NAME), JSON.stringify({ ...recorded, ...more }));
    const changed = await evaluate('changed.json');
    await rm(at('blocks', VERSION_NAME));
    expect(changed.code).toBe(0);
    expect(changed.notes).toContain('no longer version 2 of "Blocks"');
    expect(changed.json.datasetVersion).toEqual({ name: 'blocks', hash: version.hash, recorded });
  });

  it('tells a comparison of two runs on different versions of the data', async () => {
    await run('eval', at('blocks'), '--styles', 'text', '--json', at('one.json'));
    const other = JSON.parse(await readFile(at('one.json'), 'utf8'));
    other.datasetVersion.hash = 'f'.repeat(64);
    await writeFile(at('other.json'), JSON.stringify(other));
    const compare = async (name: string) => {
      const notes: string[] = [];
      const code = await runCli(
        ['compare', at('one.json'), at(name), '--json', at('compared.json')],
        commands,
        {
          print: () => undefined,
          note: (text) => void notes.push(text),
          interactive: false,
          env: {},
          signal: new AbortController().signal,
        },
      );
      return { code, notes: notes.join('\n'), json: JSON.parse(await readFile(at('compared.json'), 'utf8')) };
    };
    const { code, notes, json } = await compare('other.json');
    expect(code, notes).toBe(0);
    expect(json.notes.join(' ')).toContain('different versions of blocks');
    expect(json.versions.B.hash).toBe('f'.repeat(64));
    expect((await compare('one.json')).json.notes.join(' ')).not.toContain('different versions');
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
      'report.html',
      'report.json',
      'report.md',
      'report.tex',
      'results.csv',
      'results.jsonl',
      'run.trec',
    ]);
  });

  it('asks for a style by unseen makers along with the style, and for none of them where told so', async () => {
    const styles = async (...more: string[]) => {
      await run('eval', at('blocks'), '--split', 'val', '--make', 'sketch', '--json', at('u.json'), ...more);
      return Object.keys(JSON.parse(await readFile(at('u.json'), 'utf8')).styles).sort();
    };
    expect(await styles('--styles', 'sketch')).toEqual(['sketch', 'sketch (unseen makers)']);
    expect(await styles('--styles', 'sketch', '--unseen', '0')).toEqual(['sketch']);
  });

  it('writes the vectors, row by row with their ids, and any metric that is asked for', async () => {
    const { code, out, notes } = await run(
      'eval',
      at('blocks'),
      '--split',
      'val',
      '--styles',
      'text',
      '--metrics',
      'hit@3',
      '--embeddings',
      at('vectors'),
    );
    expect(code, notes).toBe(0);
    expect(out).toContain('hit@3');
    expect((await readdir(at('vectors'))).sort()).toEqual([
      'gallery.ids.json',
      'gallery.safetensors',
      'text.ids.json',
      'text.safetensors',
    ]);
    expect(JSON.parse(await readFile(at('vectors', 'gallery.ids.json'), 'utf8'))).toHaveLength(18);
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
    expect(out).toMatch(/linear probe \d+\.\d ± \d+\.\d % over 5 splits/);
    expect((await readdir(at('maps'))).filter((name) => name.endsWith('.svg'))).toHaveLength(8);
    const figures = JSON.parse(await readFile(at('maps', 'maps.json'), 'utf8'));
    // A plain backbone has no other query tower: before and after are the same.
    expect(figures.after).toEqual(figures.before);
  });
});
