import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BundleMismatchError, writeBundle } from '../../weights/model-bundle.js';
import { defaultSmallConfig } from './config.js';
import { writeSmallWeights } from './export-small.js';
import { tinyStyle } from './fixtures/tiny-small.js';
import { readStyle } from './open-backbone.js';
import { smallImageTower } from './small-backbone.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freestyle-style-'));
});
afterAll(() => rm(folder, { recursive: true }));

const backbone = { name: 'clip:mine', hash: 'b'.repeat(64), image: smallImageTower(defaultSmallConfig) };

async function writeStyle(made: { readonly name: string; readonly hash: string } | null): Promise<string> {
  await writeSmallWeights(join(folder, 'weights.safetensors'), tinyStyle(2), () => true);
  await writeBundle(
    folder,
    {
      name: 'a style space',
      modelType: 'freestyle-style',
      backbone: made,
      dimensions: 64,
      config: { clusters: ['art', 'sketch'], knownCosine: null },
      preprocessing: { size: 96, resize: 'squash' },
      tokenizer: null,
      licence: 'none',
      training: {},
      evaluation: {},
    },
    ['weights.safetensors'],
  );
  return folder;
}

describe('readStyle', () => {
  it('refuses a style space that was made for another backbone, by name', async () => {
    const reading = readStyle(await writeStyle({ name: 'other', hash: 'a'.repeat(64) }), backbone);
    await expect(reading).rejects.toThrow(BundleMismatchError);
    await expect(reading).rejects.toThrow(
      /"a style space" was made for the backbone "other".*not for "clip:mine"/,
    );
  });

  it('takes one that names no backbone for any, with the size of the pictures that it reads', async () => {
    const style = await readStyle(await writeStyle(null), backbone);
    expect(style.clusters).toEqual(['art', 'sketch']);
    expect(style.size).toBe(96);
  });

  it('the style space that comes with the product fits every backbone', async () => {
    const style = await readStyle(undefined, backbone);
    expect(style.clusters.length).toBeGreaterThan(1);
    expect(style.size).toBe(128);
  });
});
