import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
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
  folder = await mkdtemp(join(tmpdir(), 'freestyle-ablate-'));
  await writeTinyBackbone(at('backbone'));
  await writeBlockFolder(at('blocks'));
});
afterAll(() => rm(folder, { recursive: true }));

async function ablate(...more: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const line = [
    'ablate',
    at('blocks'),
    '--out',
    at('grid'),
    '--backbone',
    at('backbone'),
    '--cache',
    at('cache'),
  ];
  const small = ['--epochs', '1', '--steps', '2', '--batch', '4'];
  const code = await runCli([...line, ...small, ...more], commands, {
    print: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    interactive: false,
    env: {},
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), notes: notes.join('\n') };
}

describe('freestyle ablate', () => {
  it('trains the runs asked for, evaluates each, and writes one table in every form', async () => {
    const { code, out, notes } = await ablate('--only', 'zero-shot,linear,vpt-4-tokens');
    expect(notes).not.toMatch(/error/);
    expect(code).toBe(0);
    expect(out.split('\n').filter((row) => /^\| (zero-shot|linear|VPT, 4 tokens) \|/.test(row))).toHaveLength(
      3,
    );
    expect(out).toContain('against zero-shot');
    for (const ending of ['md', 'csv', 'tex', 'svg'])
      expect((await stat(at('grid', `blocks.${ending}`))).size).toBeGreaterThan(100);
    const report = JSON.parse(await readFile(at('grid', 'vpt-4-tokens', 'blocks.json'), 'utf8'));
    expect(Object.keys(report.styles).sort()).toEqual(['art', 'lowres', 'sketch', 'text']);
    expect(report.gallery).toBe(6);
  });

  it('leaves texts untouched: every run has the zero-shot text figures', async () => {
    const ranks = await Promise.all(
      ['zero-shot', 'linear'].map(
        async (run) =>
          JSON.parse(await readFile(at('grid', run, 'blocks.json'), 'utf8')).perQuery.text.firstRank,
      ),
    );
    expect(ranks[1]).toEqual(ranks[0]);
  });

  it('goes on where it was: runs that are there are neither trained nor evaluated again', async () => {
    const paths = [
      at('grid', 'linear', 'bundle', 'weights.safetensors'),
      at('grid', 'linear', 'blocks.json'),
    ];
    const times = async () => Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
    const before = await times();
    const { code, notes } = await ablate('--only', 'zero-shot,linear');
    expect(code).toBe(0);
    expect(notes).not.toContain('validation');
    expect(await times()).toEqual(before);
  });

  it('refuses to mix runs of other settings, and runs that it does not know', async () => {
    const other = await ablate('--only', 'linear', '--seed', '4');
    expect([other.code, other.notes]).toEqual([2, expect.stringMatching(/made with other settings/)]);
    const unknown = await ablate('--only', 'adapters');
    expect([unknown.code, unknown.notes]).toEqual([
      2,
      expect.stringMatching(/no run "adapters"; there are zero-shot, linear/),
    ]);
  });
});
