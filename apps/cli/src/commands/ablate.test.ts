import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetVersion } from '@freestyle/core/datasets';
import { loadModel, SymmetricTowerError, styleFolder } from '@freestyle/core/models';
import { stripes, writeTinyBackbone } from '@freestyle/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBlockFolder } from '../fixtures/block-folder.js';
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
  return ablateUntil(new AbortController().signal, ...more);
}

async function ablateUntil(signal: AbortSignal, ...more: string[]) {
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
  const small = ['--epochs', '1', '--steps', '2', '--batch', '4', '--threads', '1'];
  const code = await runCli([...line, ...small, ...more], commands, {
    print: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    interactive: false,
    env: {},
    signal,
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
    const report = JSON.parse(await readFile(at('grid', 'vpt-4-tokens', 'seed-3', 'blocks.json'), 'utf8'));
    // Makers that training draws from and makers that it never sees are never in one figure.
    const made = ['art', 'lowres', 'sketch'];
    expect(Object.keys(report.styles).sort()).toEqual(
      [...made, ...made.map((style) => `${style} (unseen makers)`), 'text'].sort(),
    );
    expect(report.gallery).toBe(6);
  });

  it('names the version of the data in each report, in the metrics and in the bundle', async () => {
    const { name, hash } = await datasetVersion(at('blocks'));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const read = (...names: string[]) => readFile(at('grid', 'linear', 'seed-3', ...names), 'utf8');
    expect(JSON.parse(await read('blocks.json')).datasetVersion).toEqual({ name, hash, recorded: null });
    expect(JSON.parse(await read('bundle', 'manifest.json')).training.datasets).toEqual([{ name, hash }]);
    const metrics = (await read('bundle', '.work', 'metrics.jsonl')).trim().split('\n');
    for (const line of metrics) expect(JSON.parse(line).datasets).toEqual([{ name, hash }]);
  });

  it('leaves texts untouched: every run has the zero-shot text figures', async () => {
    const ranks = await Promise.all(
      ['zero-shot', 'linear'].map(
        async (run) =>
          JSON.parse(await readFile(at('grid', run, 'seed-3', 'blocks.json'), 'utf8')).perQuery.text
            .firstRank,
      ),
    );
    expect(ranks[1]).toEqual(ranks[0]);
  });

  it('goes on where it was: runs that are there are neither trained nor evaluated again', async () => {
    const paths = [
      at('grid', 'linear', 'seed-3', 'bundle', 'weights.safetensors'),
      at('grid', 'linear', 'seed-3', 'blocks.json'),
    ];
    const times = async () => Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
    const before = await times();
    const { code, notes } = await ablate('--only', 'zero-shot,linear');
    expect(code).toBe(0);
    expect(notes).not.toContain('validation');
    expect(await times()).toEqual(before);
  });

  it('trains several seeds: the table has their mean, and the pictures are shared', async () => {
    const { code, out, notes } = await ablate('--only', 'zero-shot,linear', '--seeds', '2');
    expect(code, notes).toBe(0);
    expect(out).toContain('score intervals over targets and 2 seeds');
    expect(notes).toContain('linear (2 of 2, seed 4)');
    // The first seed of the earlier test stays, the plain backbone has no seed.
    expect(notes.match(/parameters trained/g)).toHaveLength(1);
    const ids = await Promise.all(
      ['seed-3', 'seed-4'].map(
        async (seed) =>
          JSON.parse(await readFile(at('grid', 'linear', seed, 'blocks.json'), 'utf8')).perQuery.sketch.ids,
      ),
    );
    expect(ids[1]).toEqual(ids[0]);
  });

  it('labels a symmetric run in its report and in the table', async () => {
    const { code, out, notes } = await ablate('--only', 'zero-shot,freestyleret-symmetric');
    expect(code, notes).toBe(0);
    expect(out).toContain('| FreestyleRet, symmetric † |');
    const report = at('grid', 'freestyleret-symmetric', 'seed-3', 'blocks.json');
    expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({ galleryEncoder: 'tower' });
  });

  it('a symmetric tower is refused where the gallery is frozen, and opened for evaluation', async () => {
    const query = at('grid', 'freestyleret-symmetric', 'seed-3', 'bundle');
    await expect(loadModel(at('backbone'), { query })).rejects.toThrow(SymmetricTowerError);
    await expect(loadModel(at('backbone'), { query })).rejects.toThrow(/cannot serve or be promoted/);
    const model = await loadModel(at('backbone'), { query, symmetric: true });
    // Photos and queries share the tower, and lie in a space of their own.
    expect(model).toMatchObject({ symmetric: true, spaceHash: model.queryHash });
    const [photo] = await model.encodeImages([stripes(1, 48)]);
    const [seen] = await model.encodeQueries([stripes(1, 48)]);
    expect(photo).toEqual(seen?.vector);
    await model.close();
  });

  it('evaluates anew where a report was cut off or is of other data', async () => {
    const path = at('grid', 'linear', 'seed-3', 'blocks.json');
    const report = await readFile(path, 'utf8');
    for (const broken of [report.slice(0, 99), report.replace(/"hash": "\w{8}/, '"hash": "00000000')]) {
      await writeFile(path, broken);
      const { code, notes } = await ablate('--only', 'linear');
      expect(code, notes).toBe(0);
      expect(notes).not.toContain('parameters trained');
      expect(await readFile(path, 'utf8')).toBe(report);
    }
  });

  it('refuses to mix in runs of another style space, and says which', async () => {
    await cp(styleFolder, at('style'), { recursive: true });
    const manifest = await readFile(at('style', 'manifest.json'), 'utf8');
    const changed = { ...JSON.parse(manifest).config, knownCosine: 0.123 };
    await writeFile(
      at('style', 'manifest.json'),
      JSON.stringify({ ...JSON.parse(manifest), config: changed }),
    );
    const { code, notes } = await ablate('--only', 'linear', '--style', at('style'));
    expect([code, notes]).toEqual([
      2,
      expect.stringMatching(
        /linear.seed-3.settings.json: .*other settings \(style was [^;]*0\.123[^;]*\); give/,
      ),
    ]);
  });

  it('refuses to mix in runs on other data, the untrained ones too, and folders that note no settings', async () => {
    const path = at('blocks', 'manifest.jsonl');
    const manifest = await readFile(path, 'utf8');
    await writeFile(path, manifest.replaceAll('a red ground', 'a scarlet ground'));
    for (const run of ['zero-shot', 'linear']) {
      const { code, notes } = await ablate('--only', run);
      expect([code, notes]).toEqual([
        2,
        expect.stringMatching(/other settings \(data was \["blocks \w{12}"\], is now .*validation was/),
      ]);
    }
    await writeFile(path, manifest);
    const settings = at('grid', 'linear', 'seed-3', 'settings.json');
    const noted = await readFile(settings, 'utf8');
    await truncate(settings, 20);
    expect((await ablate('--only', 'linear')).notes).toMatch(
      /settings.json is not JSON\); give another --out/,
    );
    await rm(settings);
    expect((await ablate('--only', 'linear')).notes).toMatch(
      /not noted by the version that began it: pictures/,
    );
    await writeFile(settings, noted);
  });

  it('refuses to mix runs of other settings, and runs that it does not know', async () => {
    const other = await ablate('--only', 'linear', '--steps', '3');
    expect([other.code, other.notes]).toEqual([2, expect.stringMatching(/made with other settings/)]);
    const unknown = await ablate('--only', 'adapters');
    expect([unknown.code, unknown.notes]).toEqual([
      2,
      expect.stringMatching(/no run "adapters"; there are zero-shot, vpt-4-tokens/),
    ]);
  });
});
