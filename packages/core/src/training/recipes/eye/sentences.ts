import { bertFeeds } from '../../../models/bert/bert-tower.js';
import type { EyeConfig } from '../../../models/eye/config.js';
import { sentenceFeatures } from '../../../models/eye/text-tower.js';
import { bindParameters, type ParameterMap, within } from '../../../nn/parameters.js';
import { createGraph, input, output } from '../../../onnx/graph.js';
import { createSession, type Session, type SessionOptions } from '../../../runtime/session.js';
import type { Tokenizer } from '../../../text/tokenizer.js';
import type { EyeCorpus } from './corpus.js';

/** The caption features of a corpus: those of photo p are the rows from `first[p]`, as many as it has captions. */
export interface Sentences {
  readonly rows: Float32Array;
  readonly width: number;
  readonly first: readonly number[];
}

const BATCH = 16;
/** Lengths that texts are padded to: most captions have 10 to 16 tokens. */
const LENGTHS = [8, 12, 16, 20, 28, 40, 64];

/** What the frozen sentence encoder makes of every caption, computed once; short ones together, so that little is padded. */
export async function encodeSentences(
  { photos }: Pick<EyeCorpus, 'photos'>,
  weights: ParameterMap,
  tokenizer: Tokenizer,
  config: EyeConfig,
  session: SessionOptions,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Sentences> {
  const texts = photos.flatMap(({ captions }) => captions);
  const width = config.text.read.length * config.text.width;
  const rows = new Float32Array(texts.length * width);
  const lengths = texts.map((text) => Math.min(config.text.context, tokenizer.count(text) + 2));
  const order = texts.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  const sessions = new Map<number, Session>();
  const sessionOf = async (context: number): Promise<Session> => {
    const known = sessions.get(context);
    if (known) return known;
    const made = await createSentenceSession(weights, config, context, session);
    sessions.set(context, made);
    return made;
  };
  try {
    for (let start = 0; start < order.length; start += BATCH) {
      const part = order.slice(start, start + BATCH);
      const longest = Math.max(...part.map((index) => lengths[index] ?? 0));
      const context = LENGTHS.find((one) => one >= longest) ?? config.text.context;
      const padded = Array.from({ length: BATCH }, (_, i) => texts[part[i] ?? part[0] ?? 0] ?? '');
      const run = await sessionOf(context);
      const { means } = await run.run(bertFeeds(tokenizer.encodeBatch(padded, context), context));
      const data = means?.data as Float32Array;
      for (const [row, index] of part.entries())
        rows.set(data.subarray(row * width, (row + 1) * width), index * width);
      onProgress(start + part.length, order.length);
    }
  } finally {
    await Promise.all([...sessions.values()].map((one) => one.close()));
  }
  let next = 0;
  const first = photos.map(({ captions }) => {
    const at = next;
    next += captions.length;
    return at;
  });
  return { rows, width, first };
}

function createSentenceSession(
  weights: ParameterMap,
  config: EyeConfig,
  context: number,
  options: SessionOptions,
) {
  const graph = createGraph('sentences');
  const ids = input(graph, 'ids', [BATCH, context], 'int64');
  const mask = input(graph, 'mask', [BATCH, context]);
  const { source } = bindParameters(graph, weights);
  const shape = { ...config, text: { ...config.text, context } };
  output(graph, 'means', sentenceFeatures(within(source, 'text'), ids, mask, shape));
  return createSession(graph, options);
}
