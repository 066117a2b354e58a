import type { EyeConfig } from '../../../models/eye/config.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import { createRandom, type Random } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import type { Tokenizer } from '../../../text/tokenizer.js';
import type { TokenizerJson } from '../../../text/tokenizer-json.js';
import type { EyeCorpus } from './corpus.js';
import { madeUpText } from './made-up-words.js';
import { encodeSentences } from './sentences.js';

/** Texts of each kind at most: captions, pieces of captions, words of the sentence encoder's vocabulary; fewer where there
 *  are few captions. As many made-up ones as all of those. */
const COUNTS = { captions: 1500, pieces: 3000, words: 3500 };
/** Words of the vocabulary where there are hardly any captions. */
const FEW = 200;

/** What tells words that mean something from those that do not, `text.known`: a logistic regression on the frozen sentence
 *  encoder's means. It meets no text that is asked for later: vocabulary and captions of training, and words made up here. */
export async function knownWords(options: {
  readonly config: EyeConfig;
  readonly weights: ParameterMap;
  readonly corpus: EyeCorpus;
  readonly tokenizer: Tokenizer;
  readonly vocabulary: TokenizerJson;
  readonly seed: number;
  readonly session: SessionOptions;
  readonly onProgress: (done: number, total: number) => void;
}): Promise<Map<string, Parameter>> {
  const { config, weights, corpus, tokenizer, session } = options;
  const random = createRandom(`${options.seed}:known words`);
  const words = wholeWords(options.vocabulary);
  const real = realTexts(corpus, words, random);
  const texts = [...real, ...real.map(() => madeUpText(words, random))];
  const { rows, width } = await encodeSentences(
    { photos: [{ picture: 0, kind: null, classOnly: false, captions: texts }] },
    weights,
    tokenizer,
    config,
    session,
    options.onProgress,
  );
  const { weight, bias } = logistic(rows, width, (row) => row < real.length);
  return new Map([
    ['text.known.weight', { shape: [1, width], data: weight }],
    ['text.known.bias', { shape: [1], data: Float32Array.of(bias) }],
  ]);
}

/** Words that the vocabulary holds whole. */
function wholeWords({ model }: TokenizerJson): string[] {
  const { vocab } = model;
  return typeof vocab === 'object' && vocab !== null
    ? Object.keys(vocab).filter((word) => /^[a-z]{3,}$/.test(word))
    : [];
}

function realTexts({ photos, kinds }: EyeCorpus, words: readonly string[], random: Random): string[] {
  const captions = photos.flatMap(({ captions: told, classOnly }) => (classOnly ? [] : told));
  const some = <T>(items: readonly T[]): T | undefined => items[random.integer(Math.max(1, items.length))];
  const piece = (): string => {
    const all = (some(captions) ?? '').toLowerCase().match(/[a-z]{3,}/g) ?? [];
    const start = random.integer(Math.max(1, all.length));
    return all.slice(start, start + 1 + random.integer(3)).join(' ');
  };
  const word = (): string => Array.from({ length: 1 + random.integer(2) }, () => some(words) ?? '').join(' ');
  return [
    ...Array.from({ length: Math.min(COUNTS.captions, captions.length) }, () => some(captions) ?? ''),
    ...Array.from({ length: Math.min(COUNTS.pieces, 10 * captions.length) }, piece),
    ...Array.from({ length: Math.min(COUNTS.words, FEW + captions.length) }, word),
    ...kinds.flatMap(({ name }) => {
      const plain = name.replaceAll(/[_-]+/g, ' ').toLowerCase();
      return [plain, `a ${plain}`, `a photo of a ${plain}`];
    }),
  ].filter((text) => text.trim() !== '');
}

const STEPS = 150;
const RATE = 0.05;
const DECAY = 1e-3;

/** Logistic regression by gradient descent with Adam's step, on standardised columns. */
function logistic(rows: Float32Array, width: number, isReal: (row: number) => boolean) {
  const count = rows.length / width;
  const { mean, scale } = columns(rows, width);
  const weight = new Float64Array(width);
  const [first, second] = [new Float64Array(width), new Float64Array(width)];
  let bias = 0;
  for (let step = 1; step <= STEPS; step++) {
    const gradient = new Float64Array(width);
    let gradientOfBias = 0;
    for (let row = 0; row < count; row++) {
      let logit = bias;
      const at = row * width;
      for (let c = 0; c < width; c++)
        logit += (weight[c] ?? 0) * ((rows[at + c] ?? 0) - (mean[c] ?? 0)) * (scale[c] ?? 0);
      const error = (1 / (1 + Math.exp(-logit)) - Number(isReal(row))) / count;
      gradientOfBias += error;
      for (let c = 0; c < width; c++)
        gradient[c] = (gradient[c] ?? 0) + error * ((rows[at + c] ?? 0) - (mean[c] ?? 0)) * (scale[c] ?? 0);
    }
    bias -= gradientOfBias;
    for (let c = 0; c < width; c++) {
      const g = (gradient[c] ?? 0) + DECAY * (weight[c] ?? 0);
      const m = 0.9 * (first[c] ?? 0) + 0.1 * g;
      const v = 0.99 * (second[c] ?? 0) + 0.01 * g * g;
      first[c] = m;
      second[c] = v;
      weight[c] =
        (weight[c] ?? 0) - (RATE * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.99 ** step)) + 1e-8);
    }
  }
  const out = Float32Array.from(weight, (value, c) => value * (scale[c] ?? 0));
  return { weight: out, bias: bias - out.reduce((sum, value, c) => sum + value * (mean[c] ?? 0), 0) };
}

function columns(rows: Float32Array, width: number) {
  const count = rows.length / width;
  const [mean, squares] = [new Float64Array(width), new Float64Array(width)];
  for (let at = 0; at < rows.length; at++) {
    const c = at % width;
    const value = rows[at] ?? 0;
    mean[c] = (mean[c] ?? 0) + value / count;
    squares[c] = (squares[c] ?? 0) + (value * value) / count;
  }
  const scale = squares.map((square, c) => 1 / Math.sqrt(Math.max(1e-6, square - (mean[c] ?? 0) ** 2)));
  return { mean, scale };
}
