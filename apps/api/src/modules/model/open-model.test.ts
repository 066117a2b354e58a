import { Worker } from 'node:worker_threads';
import { CoreError, type EmbeddingModel, hubOptionsFrom, loadModel } from '@freestyle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../testing/build.js';
import { patches } from '../../testing/pictures.js';
import { modelOn, openModel } from './open-model.js';

const NAME = 'freestyle-small';
const pictures = [patches(1, 64), patches(2, 96), patches(3)];
const texts = ['a dog on a beach', ''];
const threads: Worker[] = [];
let model: EmbeddingModel;

beforeAll(async () => {
  ensureBuilt();
  model = await modelOn(() => {
    const workerData = { name: NAME, request: 'cpu', hub: hubOptionsFrom({}) };
    const entry = new URL('../../../workers/model.mjs', import.meta.url);
    const thread = new Worker(entry, { execArgv: [], workerData });
    threads.push(thread);
    return thread;
  });
}, 120_000);
afterAll(() => model?.close());

/** What a model says of itself. */
const factsOf = (of: EmbeddingModel) =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => typeof value !== 'function'));

describe('a model on a thread of its own', () => {
  it('is the model that it is without one, to the last bit', async () => {
    const plain = await loadModel(NAME, { provider: 'cpu' });
    try {
      expect(factsOf(model)).toEqual(factsOf(plain));
      const long = ['a dog', 'word '.repeat(400)];
      const read = await model.readableLengths?.(long);
      expect(read).toEqual(await plain.readableLengths?.(long));
      expect(read?.[0]).toBeNull();
      expect(read?.[1]).toBeLessThan(2000);
      expect(await model.encodeImages(pictures)).toEqual(await plain.encodeImages(pictures));
      expect(await model.encodeTexts(texts)).toEqual(await plain.encodeTexts(texts));
      for (const style of [undefined, 'sketch'])
        expect(await model.encodeQueries(pictures, style)).toEqual(
          await plain.encodeQueries(pictures, style),
        );
      expect(await model.encodeImages([])).toEqual([]);
    } finally {
      await plain.close();
    }
  });

  it('answers calls that come at once each with its own', async () => {
    const alone = await Promise.all(pictures.map(async (one) => (await model.encodeImages([one]))[0]));
    const together = await Promise.all(pictures.map((one) => model.encodeImages([one])));
    together.forEach(([vector], i) => {
      const cosine = vector?.reduce((sum, x, at) => sum + x * (alone[i]?.[at] ?? 0), 0);
      expect(cosine).toBeCloseTo(1, 5);
    });
  });

  it('sends a view of larger memory without what lies around it', async () => {
    const [one] = pictures;
    if (!one) throw new Error('there is no picture');
    const large = new Uint8Array(one.data.byteLength + 4000);
    large.set(one.data, 1000);
    const view = { ...one, data: large.subarray(1000, 1000 + one.data.byteLength) };
    expect(await model.encodeImages([view])).toEqual(await model.encodeImages([one]));
    // The caller's picture is still its own.
    expect(view.data.byteLength).toBe(one.data.byteLength);
  });

  it('whose thread dies fails what was under way, and goes on with another', async () => {
    const before = await model.encodeTexts(texts);
    const under = model.encodeImages(Array.from({ length: 64 }, (_, i) => patches(i, 128)));
    const failed = expect(under).rejects.toThrow('the thread of the model ended');
    await threads.at(-1)?.terminate();
    await failed;
    const [after, again] = await Promise.all([model.encodeTexts(texts), model.encodeTexts(texts)]);
    // Two calls at once share a batch, which may move the last bit.
    for (const vectors of [after, again]) {
      expect(vectors).toHaveLength(before.length);
      const apart = vectors.flatMap((vector, i) =>
        [...vector].map((value, d) => Math.abs(value - (before[i]?.[d] ?? 1))),
      );
      expect(Math.max(...apart)).toBeLessThan(1e-5);
    }
    expect(threads).toHaveLength(2);
  });

  it('closed, it says so, and its thread is gone', async () => {
    const other = await openModel(NAME, 'cpu');
    await other.close();
    await other.close();
    await expect(other.encodeTexts(['a'])).rejects.toThrow(/is closed/);
  });

  it('that there is not, or a provider that cannot run, is told as without a thread', async () => {
    const missing = openModel('no-such-model', 'cpu');
    await expect(missing).rejects.toThrow(CoreError);
    await expect(missing).rejects.toThrow(/no-such-model/);
    await expect(openModel('/no/such/folder', 'cpu')).rejects.toThrow(CoreError);
  });
});
