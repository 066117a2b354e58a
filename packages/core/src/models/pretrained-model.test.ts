import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RgbImage } from '../image/rgb-image.js';
import { bertTokenizerJson } from '../text/bert-tokenizer-json.js';
import { openModelHub } from '../weights/model-hub.js';
import { loadSafetensors } from '../weights/read-safetensors.js';
import { loadPretrainedModel, openPretrainedBackbone } from './pretrained-model.js';

const golden = (file: string): string => fileURLToPath(new URL(`../../golden/${file}`, import.meta.url));

/** A tokenizer under which "w5 w9" are the ids 5 and 9, between start 1 and end 59. */
const words = [
  '[PAD]',
  '[CLS]',
  '[UNK]',
  '[MASK]',
  ...Array.from({ length: 55 }, (_, i) => `w${i + 4}`),
  '[SEP]',
];

const picture = (seed: number): RgbImage => {
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * (seed + 3) * 2654435761) >>> 24);
  return { width: 40, height: 30, data };
};

const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clip-'));
  for (const file of ['config.json', 'model.safetensors']) {
    await copyFile(golden(`clip-tiny-legacy/${file}`), join(folder, file));
  }
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(bertTokenizerJson(words.join('\n'))));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a CLIP folder', () => {
  it('opens as a model whose texts have the reference’s embeddings', async () => {
    const model = await loadPretrainedModel(`clip:${folder}`, undefined);
    const expected = await loadSafetensors(golden('clip-tiny-legacy/expected.safetensors'));
    const units = expected.get('text_units')?.data ?? new Float32Array();
    const got = await model.encodeTexts(['w5 w9 w33', '', 'w7 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17']);
    await model.close();
    expect(model.dimensions).toBe(20);
    expect(cosine(got[0] ?? units, units.subarray(0, 20))).toBeCloseTo(1, 5);
    expect(cosine(got[1] ?? units, units.subarray(20, 40))).toBeCloseTo(1, 5);
    // The third is longer than the context; cut before its end token it is the golden row.
    expect(cosine(got[2] ?? units, units.subarray(40, 60))).toBeCloseTo(1, 5);
  });

  it('gives a picture the same vector alone, in a batch, and as a query', async () => {
    const model = await loadPretrainedModel(`clip:${folder}`, undefined);
    const pictures = Array.from({ length: 21 }, (_, i) => picture(i));
    const together = await model.encodeImages(pictures);
    const [alone] = await model.encodeImages(pictures.slice(20));
    const [query] = await model.encodeQueries(pictures.slice(20));
    await model.close();
    const last = together[20] ?? new Float32Array();
    expect(together).toHaveLength(21);
    expect(cosine(last, alone ?? last)).toBeCloseTo(1, 5);
    expect(cosine(last, query?.vector ?? last)).toBeCloseTo(1, 5);
    expect(query?.style).toBeNull();
    expect(cosine(last, together[0] ?? last)).toBeLessThan(0.9999);
  });

  it('has another space when one weight changes', async () => {
    const model = await loadPretrainedModel(`clip:${folder}`, undefined);
    const other = await mkdtemp(join(tmpdir(), 'clip-'));
    for (const file of ['config.json', 'tokenizer.json'])
      await copyFile(join(folder, file), join(other, file));
    const bytes = await readFile(join(folder, 'model.safetensors'));
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
    await writeFile(join(other, 'model.safetensors'), bytes);
    const changed = await loadPretrainedModel(`clip:${other}`, undefined);
    expect(changed.spaceHash).not.toBe(model.spaceHash);
    await Promise.all([model.close(), changed.close()]);
    await rm(other, { recursive: true });
  });
});

it('a CLIP is fetched from a hub by name, and opened again when offline and when the hub is gone', async () => {
  const server = createServer(async (request, response) => {
    const file = basename(request.url ?? '');
    const bytes = await readFile(join(folder, file)).catch(() => undefined);
    if (!bytes) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length, etag: `"${file}"` });
    response.end(request.method === 'GET' ? bytes : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cacheFolder = await mkdtemp(join(tmpdir(), 'hub-'));
  const online = openModelHub({ cacheFolder, baseUrl });
  const first = await loadPretrainedModel('clip:someone/tiny', online);
  const pinned = await openPretrainedBackbone('clip:someone/tiny@v1', online);
  expect(pinned.name).toBe('clip:someone/tiny@v1');
  await online.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await first.close();
  for (const offline of [true, false]) {
    const hub = openModelHub({ cacheFolder, baseUrl, offline, retryDelayMs: 1 });
    const again = await loadPretrainedModel('clip:someone/tiny', hub);
    expect(again.spaceHash).toBe(first.spaceHash);
    await expect(loadPretrainedModel('clip:someone/other', hub)).rejects.toThrow(
      offline ? /offline was asked for/ : /cannot be reached/,
    );
    await Promise.all([again.close(), hub.close()]);
  }
  await rm(cacheFolder, { recursive: true });
});

describe('what cannot be opened', () => {
  it.each([
    ['clip:/no/such/folder', /neither a folder nor a name on a model hub/],
    ['clip:owner/name', /no model hub to ask/],
    ['vgg:owner/name', /starts with clip:/],
  ])('%s says why', async (name, message) => {
    await expect(loadPretrainedModel(name, undefined)).rejects.toThrow(message);
  });

  it('a folder without weights names the files that it looked for', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'clip-'));
    await copyFile(join(folder, 'config.json'), join(empty, 'config.json'));
    await expect(loadPretrainedModel(`clip:${empty}`, undefined)).rejects.toThrow(/model\.safetensors/);
    await rm(empty, { recursive: true });
  });
});
