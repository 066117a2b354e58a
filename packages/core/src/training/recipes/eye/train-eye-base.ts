import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEyeBundle } from '../../../models/eye/import-eye.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import type { Parameter } from '../../../nn/parameters.js';
import { loadTokenizer, parseTokenizerJson } from '../../../text/load-tokenizer.js';
import type { Tokenizer } from '../../../text/tokenizer.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { adamW } from '../../adamw.js';
import { type FitEvent, fit } from '../../fit.js';
import { describeRecords } from '../../run-settings.js';
import { warmupCosine } from '../../schedule.js';
import {
  type BaseBatch,
  type BaseForm,
  baseFeeds,
  baseObjective,
  baseScales,
  baseTrains,
  pooledTrains,
} from './base-recipe.js';
import type { EyeData, EyeDataOptions } from './eye-data.js';
import { knownWords } from './known-words.js';
import { lookMaps } from './look-map.js';
import { type PooledRows, pooledRows, standardisation } from './pooled-rows.js';
import { encodeSentences } from './sentences.js';

export interface TrainEyeBaseOptions extends Omit<EyeDataOptions, 'cache' | 'draws'> {
  readonly data: EyeData;
  /** A backbone of this kind whose heads and maps are gone on from; fresh heads where absent. */
  readonly from?: FrozenBackbone;
  /** Steps of the perceptron on pooled features and of the words alone, which cost little, before the others. */
  readonly pooledSteps: number;
  /** Steps with the transformer. */
  readonly steps: number;
  readonly batch: BaseBatch;
  readonly rate: number;
  /** Checkpoint and log. */
  readonly work: string;
  /** Bundle to write. */
  readonly out: string;
  readonly name: string;
  readonly training: BundleManifest['training'];
  readonly onEvent?: (event: FitEvent) => void;
}

/** Weight decay: captions of a few thousand photos are soon known by heart. */
const DECAY = 0.4;
/** Rate of the heads while the transformer learns, which starts later; a part of the transformer's. */
const HEAD_RATE = 0.2;

/** The base stage: heads and text projection on kept features, from an imported bundle to a backbone.
 *  A killed run goes on from its checkpoint. */
export async function trainEyeBase(options: TrainEyeBaseOptions): Promise<ModelBundle> {
  const { data, bundle, pooledSteps, steps, batch } = options;
  const { config, corpus, weights } = data;
  const path = bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json');
  const tokenizer = await loadTokenizer(path);
  const vocabulary = parseTokenizerJson(JSON.parse(await readFile(path, 'utf8')), path);
  const pooled = await pooledRows(config, data.photos);
  for (const part of [standardisation(pooled), await lookMaps(config, data.photos), headsOf(options.from)])
    for (const [name, parameter] of part) weights.set(name, parameter);
  if (pooledSteps + steps > 0) await learn(options, pooled, tokenizer);
  const onProgress = (done: number, total: number) => options.onProgress('words', done, total);
  const known = await knownWords({ ...options, config, weights, corpus, tokenizer, vocabulary, onProgress });
  for (const [name, parameter] of known) weights.set(name, parameter);
  return writeEyeBundle(options.out, {
    name: options.name,
    config: { ...config, strange: true },
    weights,
    tokenizer: vocabulary,
    training: {
      ...bundle.manifest.training,
      ...(options.from ? { from: options.from.hash } : {}),
      ...options.training,
      pooledSteps,
      steps,
      batch: { ...batch },
      rate: options.rate,
    },
    evaluation: {},
  });
}

/** What a backbone adds to its pretrained parts, but for what tells strange words, which is fitted anew. */
const headsOf = (from: FrozenBackbone | undefined): [string, Parameter][] =>
  [...(from?.weights ?? [])].filter(([name]) => !/^(image\.trunk|text\.bert|text\.known)\./.test(name));

async function learn(options: TrainEyeBaseOptions, photos: PooledRows, tokenizer: Tokenizer): Promise<void> {
  const { data, bundle, pooledSteps, steps, batch, session, seed } = options;
  const { config, corpus, weights } = data;
  const sentences = await encodeSentences(corpus, weights, tokenizer, config, session, (done, total) =>
    options.onProgress('captions', done, total),
  );
  const pooled = { photos, drawn: await pooledRows(config, data.drawn) };
  for (const [name, parameter] of baseScales()) weights.set(name, parameter);
  const formAt = (step: number): BaseForm => (step < pooledSteps ? 'pooled' : 'features');
  await fit(
    {
      name: 'eye base',
      seed,
      weights,
      phases: [
        {
          name: 'pooled',
          steps: pooledSteps,
          trainable: pooledTrains,
          loss: (graph, source) => baseObjective(graph, source, config, batch, 'pooled'),
        },
        {
          name: 'base',
          steps,
          trainable: baseTrains,
          loss: (graph, source) => baseObjective(graph, source, config, batch, 'features'),
        },
      ],
      optimiser: adamW({
        beta2: 0.98,
        weightDecay: (_, { shape }) => (shape.length > 1 ? DECAY : 0),
        rate: (name) => (pooledTrains(name) ? HEAD_RATE : 1),
      }),
      clipNorm: 2,
      average: 0.99,
      rate: (step) =>
        step < pooledSteps
          ? stageRate(step, options.rate / HEAD_RATE, pooledSteps)
          : stageRate(step - pooledSteps, options.rate / 2, steps),
      batches: async (step, random) => [
        await baseFeeds({ ...data, sentences, pooled }, config, batch, formAt(step), weights, random),
      ],
      images: batch.captioned + 2 * batch.versions,
    },
    {
      checkpoint: join(options.work, 'base.safetensors'),
      settings: {
        bundle: bundle.hash,
        from: options.from?.hash ?? null,
        seed,
        pooledSteps,
        steps,
        batch: { ...batch },
        rate: options.rate,
      },
      data: describeRecords(options.datasets),
      session,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    },
  );
}

const stageRate = (step: number, peak: number, steps: number): number =>
  warmupCosine(step, { peak, warmup: Math.min(30, steps / 10), total: steps });
