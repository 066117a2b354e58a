import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from './load-tokenizer.js';
import { trainBpeTokenizer } from './train-bpe-tokenizer.js';

const captions = [
  'A dog runs on the beach .',
  'Two dogs run in the park',
  'A man rides a bike near the dog',
  'the DOG  sleeps\ton a café terrace',
];

/** The textbook algorithm, recounting everything for each merge: slow, and too plain to be wrong in the same way. */
function plainMerges(texts: readonly string[], wanted: number): string[] {
  const words = texts.flatMap((text) => text.toLowerCase().match(/\p{L}+|[^\s\p{L}]+/gu) ?? []);
  let split = words.map((word) => [...Array.from(word).slice(0, -1), `${Array.from(word).at(-1)}</w>`]);
  const merges: string[] = [];
  while (merges.length < wanted) {
    const counts = new Map<string, number>();
    for (const word of split) {
      for (let i = 0; i + 1 < word.length; i++) {
        const key = `${word[i]} ${word[i + 1]}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (!best || best[1] < 2) break;
    merges.push(best[0]);
    const [left, right] = best[0].split(' ');
    split = split.map((word) => {
      const joined: string[] = [];
      for (let i = 0; i < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) joined.push(`${left}${word[++i]}`);
        else joined.push(word[i] ?? '');
      }
      return joined;
    });
  }
  return merges;
}

describe('trainBpeTokenizer', () => {
  it('learns the merges of the textbook algorithm, in its order', () => {
    const ascii = [
      'she sells sea shells by the sea shore , the shells she sells are sea shells',
      'the singer sings singing songs ; banana bananas ana anna',
      'aaaa aaa aaaaa a aa baaab',
    ];
    const json = trainBpeTokenizer(ascii, { vocabSize: 555 });
    const merges = (json.model.merges as [string, string][]).map((pair) => pair.join(' '));
    expect(merges.length).toBeGreaterThan(20);
    expect(merges).toEqual(plainMerges(ascii, merges.length));
  });

  it('does not depend on the order of the texts', () => {
    const options = { vocabSize: 600 };
    expect(trainBpeTokenizer([...captions].reverse(), options)).toEqual(trainBpeTokenizer(captions, options));
  });

  it('makes a tokenizer that knows a frequent word as one token and spells any unseen one', async () => {
    const tokenizer = await loadTokenizer(trainBpeTokenizer(captions, { vocabSize: 600 }));
    const dog = tokenizer.encode('Dog', 6);
    expect([...dog.slice(0, 1), ...dog.slice(2)]).toEqual([1, 2, 0, 0, 0]);
    expect(dog[1]).toBeGreaterThan(514);
    // 雪 is three bytes in UTF-8; none was ever merged.
    const snow = tokenizer.encode('雪', 6);
    expect([snow[0], snow[4], snow[5]]).toEqual([1, 2, 0]);
    expect([...snow.slice(1, 4)].every((id) => id > 2 && id < 515)).toBe(true);
  });

  it('cuts a long text and still ends it with the end token', async () => {
    const tokenizer = await loadTokenizer(trainBpeTokenizer(captions, { vocabSize: 520 }));
    const { ids, lengths } = tokenizer.encodeBatch(['zzzzzzzz', ''], 5);
    expect([...lengths]).toEqual([5, 2]);
    expect(ids[4]).toBe(2);
    expect([...ids.slice(5)]).toEqual([1, 2, 0, 0, 0]);
  });

  it('refuses a vocabulary too small to spell every byte', () => {
    expect(() => trainBpeTokenizer(captions, { vocabSize: 100 })).toThrow(/at least 515/);
  });

  const manifest = join(process.env.FREESTYLE_DATA ?? '../shared/data', 'flickr8k', 'manifest.jsonl');
  it.skipIf(!existsSync(manifest))('learns 8,192 tokens from 25,000 captions in under a minute', async () => {
    const rows = readFileSync(manifest, 'utf8').trim().split('\n');
    const texts = rows.flatMap((row) => (JSON.parse(row) as { captions: string[] }).captions);
    const started = performance.now();
    const json = trainBpeTokenizer(texts, { vocabSize: 8192 });
    expect(performance.now() - started).toBeLessThan(60_000);
    const tokenizer = await loadTokenizer(json);
    const { lengths } = tokenizer.encodeBatch(texts.slice(0, 2000), 77);
    // Flickr8k captions have about 12 words: hardly any should need more than one token.
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeLessThan(16);
  });
});
