import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { assertBundleFits, readBundle, writeBundle } from './model-bundle.js';
import { writeSafetensors } from './write-safetensors.js';

const facts = {
  name: 'tiny',
  modelType: 'linear',
  backbone: { name: 'base', hash: 'a'.repeat(64) },
  dimensions: 2,
  config: { width: 2 },
  preprocessing: { size: 8 },
  tokenizer: null,
  licence: 'Apache-2.0',
  training: { seed: 1 },
  evaluation: {},
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  await writeSafetensors(join(folder, 'w.safetensors'), { w: { shape: [2], data: Float32Array.of(1, 2) } });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('gives back what was written', async () => {
  await writeBundle(folder, facts, ['w.safetensors']);
  const bundle = await readBundle(folder);
  expect(bundle.manifest).toMatchObject(facts);
  const tensors = await bundle.tensors('w.safetensors');
  expect([...(await tensors.float32('w'))]).toEqual([1, 2]);
  await tensors.close();
  expect(() => bundle.path('../other')).toThrow(/lists no file/);
});

it('names a file of which one bit changed', async () => {
  await writeBundle(folder, facts, ['w.safetensors']);
  const path = join(folder, 'w.safetensors');
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path, bytes);
  await expect(readBundle(folder)).rejects.toThrow(/"w.safetensors" was changed/);
});

it('names a file that is missing or cut short', async () => {
  await writeBundle(folder, facts, ['w.safetensors']);
  await writeFile(join(folder, 'w.safetensors'), 'x');
  await expect(readBundle(folder)).rejects.toThrow(/"w.safetensors" has 1 bytes/);
  await rm(join(folder, 'w.safetensors'));
  await expect(readBundle(folder)).rejects.toThrow(/"w.safetensors" is missing/);
});

it('is refused by name beside another backbone, and accepted beside its own', async () => {
  const bundle = await writeBundle(folder, facts, ['w.safetensors']);
  assertBundleFits(bundle, { name: 'renamed base', hash: 'a'.repeat(64) });
  expect(() => assertBundleFits(bundle, { name: 'clip', hash: 'b'.repeat(64) })).toThrow(
    /"tiny" was made for the backbone "base".*not for "clip"/,
  );
});

it('keeps its hash when only the scores change, and changes it with the preprocessing', async () => {
  const { hash } = await writeBundle(folder, facts, ['w.safetensors']);
  const measured = await writeBundle(folder, { ...facts, evaluation: { 'hit@1': 0.5 } }, ['w.safetensors']);
  const resized = await writeBundle(folder, { ...facts, preprocessing: { size: 9 } }, ['w.safetensors']);
  expect(measured.hash).toBe(hash);
  expect(resized.hash).not.toBe(hash);
});

it('refuses a manifest that reaches outside its folder', async () => {
  await writeBundle(folder, facts, ['w.safetensors']);
  const path = join(folder, 'manifest.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"w.safetensors":', '"../w.safetensors":'));
  await expect(readBundle(folder)).rejects.toThrow(/plain file name|manifest.json/);
});

it('a folder without a manifest is an error that says so', async () => {
  await expect(readBundle(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
});
