import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateModel, reportToJson } from '@freestyle/core/evaluation';
import { pixelModel, pixelSet } from '@freestyle/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliContext, RegisterCommand } from './cli-context.js';
import { commands } from './commands/index.js';
import { runCli } from './run-cli.js';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-cli-'));
  for (const [name, noise] of [
    ['a.json', 0],
    ['b.json', 0.5],
  ] as const) {
    const report = await evaluateModel(pixelModel(noise), pixelSet());
    await writeFile(at(name), JSON.stringify(reportToJson(report)));
  }
  await writeFile(at('broken.json'), '{"model": ');
  const image = JSON.stringify({ kind: 'image', file: 'gone.jpg', split: 'val' });
  for (const [name, lines] of [
    ['bad-line', `${image}\n{"kind":`],
    ['no-file', image],
  ] as const) {
    await mkdir(at(name));
    await writeFile(join(at(name), 'manifest.jsonl'), lines);
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function run(
  line: readonly string[],
  more: readonly RegisterCommand[] = [],
  signal = new AbortController().signal,
) {
  const out: string[] = [];
  const notes: string[] = [];
  const context: CliContext = {
    print: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    interactive: false,
    env: {},
    signal,
  };
  const code = await runCli(line, [...commands, ...more], context);
  return { code, out: out.join('\n'), notes };
}

const failing =
  (error: Error): RegisterCommand =>
  (program) => {
    program.command('fail').action(() => {
      throw error;
    });
  };

describe('freestyle command line', () => {
  it('compares two reports and says which differences stand', async () => {
    const { code, out } = await run([
      'compare',
      at('a.json'),
      at('b.json'),
      '--permutations',
      '2000',
      '--json',
      at('sub/c.json'),
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^sketch\s+mrr\s+A\s+B\s+48\s+1\.0000\s+0\.\d+\s+-0\.\d+ \[-0\.\d+, -0\.\d+\]\s+0\.0005\s+0\.00\d+ \*/m,
    );
    const written = JSON.parse(await readFile(at('sub/c.json'), 'utf8'));
    expect(written.comparisons.length).toBeGreaterThan(4);
  });

  it('says which section of both reports is not compared, because its queries are others', async () => {
    const report = JSON.parse(await readFile(at('a.json'), 'utf8'));
    // Other pictures under the same names: a query is known by its content.
    const { keys } = report.perQuery.sketch;
    report.perQuery.sketch.keys = keys.map((key: string) => `${key} (seed 3)`);
    await writeFile(at('seed.json'), JSON.stringify(report));
    const { code, out } = await run(['compare', at('a.json'), at('seed.json'), '--permutations', '100']);
    expect(code).toBe(0);
    expect(out).not.toMatch(/^sketch +mrr/m);
    // The other sections still are, and this one is told with what was found of it.
    expect(out).toMatch(/^text +mrr/m);
    expect(out).toMatch(/^Not compared.*sketch/m);
  });

  it.each<[string, () => string[], RegExp]>([
    ['an unknown command', () => ['evaluate-everything'], /unknown command 'evaluate-everything'/],
    ['a misspelt command, with the right one', () => ['compar'], /Did you mean compare\?/],
    ['an unknown option', () => ['compare', 'a', 'b', '--fast'], /unknown option '--fast'/],
    ['a missing argument', () => ['compare', at('a.json')], /A comparison needs two reports or more/],
    ['one argument too many', () => ['map', 'a', 'b', '--out', 'c'], /too many arguments/],
    [
      'a number that is none',
      () => ['compare', 'a', 'b', '--seed', 'x'],
      /expected a whole number of 0 or more/,
    ],
    [
      'more prompt tokens than there may be',
      () => ['train', 'x', '--out', 'y', '--tokens', '100'],
      /--tokens.*expected a whole number from 1 to 64/,
    ],
    [
      'a rate with a comma',
      () => ['train', 'x', '--out', 'y', '--rate', '0,003'],
      /--rate.*expected a number above 0/,
    ],
    [
      'a weight below 0',
      () => ['train', 'x', '--out', 'y', '--keep', '-1'],
      /--keep.*expected a number of 0 or more/,
    ],
    [
      'an option that is needed',
      () => ['style-space', 'x'],
      /--vgg <place>' not specified\. Try "npm run freestyle -- --help"\.$/,
    ],
    ['a missing file', () => ['compare', at('none.json'), at('b.json')], /none\.json: cannot be read/],
    ['a folder that is not there', () => ['eval', at('nowhere')], /nowhere: expected a dataset folder/],
    ['a folder without a manifest', () => ['eval', folder], /expected a file manifest\.jsonl/],
    ['a bad manifest line, by its number', () => ['eval', at('bad-line')], /manifest\.jsonl:2: /],
    [
      'a manifest whose picture is missing',
      () => ['eval', at('no-file')],
      /manifest\.jsonl:1: "gone\.jpg": there is no such file/,
    ],
    [
      'an unknown split, with those that there are',
      () => ['eval', at('no-file'), '--split', 'test'],
      /no split "test"; it has: val/,
    ],
    [
      'a style that cannot be made',
      () => ['eval', at('no-file'), '--make', 'etching'],
      /"etching" cannot be made.*lowres, sketch, art, text can/,
    ],
    [
      'an encoder that there is not',
      () => ['eval', 'x', '--queries', 'both'],
      /Allowed choices are tower, backbone/,
    ],
    ['a pair that is none', () => ['eval', 'x', '--mixed', 'text'], /expected pairs of styles/],
    [
      'a file that is not JSON',
      () => ['compare', at('broken.json'), at('b.json')],
      /broken\.json: .*not JSON/,
    ],
  ])('answers %s in one line with exit code 2', async (_what, line, message) => {
    const { code, notes } = await run(line());
    expect(code).toBe(2);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(message);
    expect(notes[0]).not.toContain('\n');
  });

  it('shows a stack only with --debug, wherever that stands', async () => {
    const line = ['compare', at('broken.json'), at('b.json')];
    expect((await run(line)).notes.join('\n')).not.toContain('    at ');
    for (const debug of [
      ['--debug', ...line],
      [...line, '--debug'],
    ]) {
      const { code, notes } = await run(debug);
      expect(code).toBe(2);
      expect(notes.join('\n')).toMatch(/ {4}at .*\n[\s\S]*caused by SyntaxError/);
    }
  });

  it('tells a defect of ours from bad input by the exit code', async () => {
    const { code, notes } = await run(['fail'], [failing(new TypeError('x is not a function'))]);
    expect(code).toBe(1);
    expect(notes[0]).toMatch(/this is a defect: x is not a function/);
  });

  it('ends with 130 after Ctrl-C, whatever the interrupted work threw', async () => {
    const { code, notes } = await run(['fail'], [failing(new Error('half done'))], AbortSignal.abort());
    expect([code, notes]).toEqual([130, ['Stopped.']]);
  });

  it('lists every command in --help with exit code 0', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/eval .*folder[\s\S]*compare .*runs/);
  });
});
