import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderEvaluationSet } from '@freestyle/core/evaluation';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBlockFolder } from '../fixtures/block-folder.js';
import { runCli } from '../run-cli.js';
import { commands } from './index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-held-out-'));
  await writeBlockFolder(join(folder, 'blocks'), 12);
});
afterAll(() => rm(folder, { recursive: true }));

it('freestyle held-out makes an evaluation folder of some photos, and says that it is there already', async () => {
  const lines: string[] = [];
  const run = () =>
    runCli(['held-out', join(folder, 'blocks'), '--out', join(folder, 'unseen'), '--photos', '3'], commands, {
      print: (text) => void lines.push(text),
      note: (text) => void lines.push(text),
      interactive: false,
      env: {},
      signal: new AbortController().signal,
    });
  expect(await run(), lines.join('\n')).toBe(0);
  expect(lines.at(-1)).toMatch(/^9 pictures in .*unseen, 9 of them drawn now\.$/);
  expect(await run()).toBe(0);
  expect(lines.at(-1)).toMatch(/^9 pictures in .*unseen, 0 of them drawn now\.$/);
  const { photos, queries } = await folderEvaluationSet(join(folder, 'unseen'), { make: [] });
  expect(photos).toHaveLength(3);
  expect(queries.filter(({ maker }) => maker !== undefined)).toHaveLength(9);
});
