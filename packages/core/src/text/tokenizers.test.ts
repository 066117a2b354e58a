import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bertTokenizerJson } from './bert-tokenizer-json.js';
import { clipTokenizerJson } from './clip-tokenizer-json.js';
import { loadTokenizer, parseTokenizerJson } from './load-tokenizer.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import { trainBpeTokenizer } from './train-bpe-tokenizer.js';

const golden = (file: string): string =>
  fileURLToPath(new URL(`../../golden/tokenizers/${file}`, import.meta.url));

/** Ids by Hugging Face's own tokenizers, see golden/make_tokenizer_golden.py. */
const expectedIds = (name: string): [string, number[]][] =>
  JSON.parse(readFileSync(golden(`${name}-ids.json`), 'utf8')) as [string, number[]][];

function idsOf(tokenizer: Tokenizer, text: string): number[] {
  const { ids, lengths } = tokenizer.encodeBatch([text], 128);
  return [...ids.subarray(0, lengths[0])];
}

const clipMerges = join(
  process.env.FREESTYLE_DATA ?? '../shared/data',
  'weights',
  'clip-bpe-vocab-16e6.txt.gz',
);

describe.skipIf(!existsSync(clipMerges))('CLIP, from the merge list', () => {
  // A skipped suite is still walked through: the file may only be read inside it.
  let tokenizer: ReturnType<typeof createTokenizer>;
  beforeAll(() => {
    tokenizer = createTokenizer(clipTokenizerJson(gunzipSync(readFileSync(clipMerges)).toString('utf8')));
  });

  it.each(expectedIds('clip'))('gives the reference’s ids for %j', (text, ids) => {
    expect(idsOf(tokenizer, text)).toEqual(ids);
  });

  it('has CLIP’s size, and pads with the end token', () => {
    expect(tokenizer.vocabSize).toBe(49408);
    expect([...tokenizer.encode('a', 5)]).toEqual([49406, 320, 49407, 49407, 49407]);
  });
});

describe('BERT, from vocab.txt', () => {
  const tokenizer = createTokenizer(bertTokenizerJson(readFileSync(golden('bert-vocab.txt'), 'utf8')));

  it.each(expectedIds('bert'))('gives the reference’s ids for %j', (text, ids) => {
    expect(idsOf(tokenizer, text)).toEqual(ids);
  });

  it('refuses a list without BERT’s special tokens', () => {
    expect(() => bertTokenizerJson('a\nb\n')).toThrow(/"\[PAD\]"/);
  });
});

describe.each(['siglip2', 'siglip'])('%s, with an end token alone', (name) => {
  const tokenizer = createTokenizer(
    parseTokenizerJson(JSON.parse(readFileSync(golden(`${name}.json`), 'utf8'))),
  );

  it.each(expectedIds(name))('gives the reference’s ids for %j', (text, ids) => {
    expect(idsOf(tokenizer, text)).toEqual(ids);
  });

  it('keeps the end token of a text that is cut, and pads a short one where its configuration says', () => {
    const [, , [, whole] = ['', []]] = expectedIds(name);
    const text = 'a dog on a beach';
    expect([...tokenizer.encode(text, 4)]).toEqual([...whole.slice(0, 3), tokenizer.endId]);
    const json = parseTokenizerJson(JSON.parse(readFileSync(golden(`${name}.json`), 'utf8')));
    const left = createTokenizer(json, { config: { padding_side: 'left' } });
    const [pad, end] = [tokenizer.padId, tokenizer.endId];
    expect([...tokenizer.encode('', 3)]).toEqual([end, pad, pad]);
    expect([...left.encode('', 3)]).toEqual([pad, pad, end]);
  });
});

/** What golden/tokenizers/ours.json was trained on. */
const texts = [
  ...[
    'a dog on a beach',
    'two dogs run in the park',
    "the man's hat",
    'snow on a mountain',
    'a photo of a dog',
  ],
  ...["it's we're they'll", 'dogs and a man on the beach', 'the dog runs on snow', 'a café', '2024 2024'],
];

describe('a tokenizer that our trainer made', () => {
  it('is the same file on every machine', () => {
    const stored: unknown = JSON.parse(readFileSync(golden('ours.json'), 'utf8'));
    expect(trainBpeTokenizer(texts, { vocabSize: 600 })).toEqual(stored);
  });

  it.each(expectedIds('ours'))('gives the ids of Hugging Face’s library for %j', async (text, ids) => {
    expect(idsOf(await loadTokenizer(golden('ours.json')), text)).toEqual(ids);
  });
});

describe('a file that is no tokenizer', () => {
  it('is named, with what is wrong', async () => {
    await expect(loadTokenizer(golden('bert-vocab.txt'))).rejects.toMatchObject({
      code: 'TOKENIZER_INVALID',
    });
    await expect(loadTokenizer(golden('clip-ids.json'))).rejects.toThrow(/not a tokenizer.json/);
    await expect(loadTokenizer(golden('absent.json'))).rejects.toThrow(/absent.json: cannot be read/);
  });

  it('merges of three symbols are refused with their line', () => {
    expect(() => clipTokenizerJson('#version: 0.2\ni n\na b c\n')).toThrow(/line 3/);
  });
});
