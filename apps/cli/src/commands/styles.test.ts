import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImage, encodePng } from '@freestyle/core/image';
import { heldOutMakers, styleMakers } from '@freestyle/core/styles';
import { stripes } from '@freestyle/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.js';
import { commands } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-styles-'));
  await mkdir(join(folder, 'photos', 'more'), { recursive: true });
  for (let i = 0; i < 5; i++)
    await writeFile(join(folder, 'photos', i < 2 ? '' : 'more', `${i}.png`), await encodePng(stripes(i, 64)));
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...line: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCli(['styles', ...line], commands, {
    print: (text) => void out.push(text),
    note: (text) => void notes.push(text),
    interactive: false,
    env: {},
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), notes: notes.join('\n') };
}

describe('freestyle styles', () => {
  it('draws a row for every maker and a column for every photo, and no two rows alike', async () => {
    const file = join(folder, 'sheet.png');
    const { code, out, notes } = await run(
      join(folder, 'photos'),
      '--photos',
      '3',
      '--out',
      file,
      '--cell',
      '64',
    );
    expect(code, notes).toBe(0);
    const makers = Object.keys(styleMakers).length;
    expect(out).toContain(`${makers} makers on 3 photos`);
    const sheet = await decodeImage(await readFile(file));
    expect([sheet.width, sheet.height]).toEqual([4 * 68 + 4, (makers + 1) * 68 + 4]);
    const rows = Array.from({ length: makers + 1 }, (_, row) => {
      const at = (y: number) => ((4 + row * 68 + y) * sheet.width + 68 + 4) * 3;
      return Array.from({ length: 64 }, (_, y) => sheet.data.slice(at(y), at(y) + 64 * 3).join()).join();
    });
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('draws the makers that are kept from training where asked', async () => {
    const { code, out, notes } = await run(
      join(folder, 'photos'),
      '--photos',
      '1',
      '--out',
      join(folder, 'kept.png'),
      '--held-out',
    );
    expect(code, notes).toBe(0);
    expect(out).toContain(`${Object.keys(heldOutMakers).length} makers on 1 photos`);
  });

  it('says what is wrong: no such photo, an empty folder, an unknown maker', async () => {
    const file = join(folder, 'x.png');
    expect((await run(join(folder, 'gone'), '--out', file)).notes).toMatch(
      /there is no such photo or folder/,
    );
    expect((await run(join(folder, 'empty'), '--out', file)).notes).toMatch(
      /there are no photos in this folder/,
    );
    const unknown = await run(join(folder, 'photos'), '--out', file, '--only', 'etching');
    expect([unknown.code, unknown.notes]).toEqual([
      2,
      expect.stringMatching(/no style maker "etching"; there are/),
    ]);
  });
});
