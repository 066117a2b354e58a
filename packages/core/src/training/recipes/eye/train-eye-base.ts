import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEyeBundle } from '../../../models/eye/import-eye.js';
import type { Parameter } from '../../../nn/parameters.js';
import { loadTokenizer, parseTokenizerJson } from '../../../text/load-tokenizer.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { adamW } from '../../adamw.js';
import { type FitEvent, fit } from '../../fit.js';
import { describeRecords } from '../../run-settings.js';
import { warmupCosine } from '../../schedule.js';
import { type BaseBatch, baseFeeds, baseObjective, baseScales, baseTrains } from './base-recipe.js';
import type { EyeData, EyeDataOptions } from './eye-data.js';
import { featureSizes } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';
import { lookMap } from './look-map.js';
import { encodeSentences } from './sentences.js';

export interface TrainEyeBaseOptions extends Omit<EyeDataOptions, 'cache' | 'draws'> {
  readonly data: EyeData;
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

/** The base stage: heads and text projection on kept features, from an imported bundle to a backbone.
 *  A killed run goes on from its checkpoint. */
export async function trainEyeBase(options: TrainEyeBaseOptions): Promise<ModelBundle> {
  const { data, bundle, steps, batch, session, seed } = options;
  const { config, corpus, weights } = data;
  const path = bundle.path(bundle.manifest.tokenizer ?? 'tokenizer.json');
  const tokenizer = await loadTokenizer(path);
  const sentences = await encodeSentences(corpus, weights, tokenizer, config, session, (done, total) =>
    options.onProgress('captions', done, total),
  );
  await standardise(data);
  for (const [name, map] of await lookMap(config, data.photos)) weights.set(name, map);
  for (const [name, scale] of baseScales()) weights.set(name, scale);
  await fit(
    {
      name: 'eye base',
      seed,
      weights,
      phases: [
        {
          name: 'base',
          steps,
          trainable: baseTrains,
          loss: (graph, source) => baseObjective(graph, source, config, batch, 'features'),
        },
      ],
      optimiser: adamW({ beta2: 0.98, weightDecay: (_, { shape }) => (shape.length > 1 ? DECAY : 0) }),
      clipNorm: 2,
      average: 0.99,
      rate: (step) =>
        warmupCosine(step, { peak: options.rate, warmup: Math.min(30, steps / 10), total: steps }),
      batches: async (_, random) => [await baseFeeds({ ...data, sentences }, config, batch, random)],
      images: batch.captioned + 2 * batch.versions,
    },
    {
      checkpoint: join(options.work, 'base.safetensors'),
      settings: { bundle: bundle.hash, seed, steps, batch: { ...batch }, rate: options.rate },
      data: describeRecords(options.datasets),
      session,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    },
  );
  return writeEyeBundle(options.out, {
    name: options.name,
    config,
    weights,
    tokenizer: parseTokenizerJson(JSON.parse(await readFile(path, 'utf8')), path),
    training: { ...bundle.manifest.training, ...options.training, steps, rate: options.rate },
    evaluation: {},
  });
}

/** Mean and inverse deviation of each pooled feature over the training photos. */
async function standardise({ config, photos, weights }: EyeData): Promise<void> {
  const channels = config.image.trunk.head;
  const [sum, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let photo = 0; photo < photos.count; photo++) {
    const pooled = await pooledFeatures(photos, photo, featureSizes(config), channels);
    for (let c = 0; c < channels; c++) {
      const value = pooled[c] ?? 0;
      sum[c] = (sum[c] ?? 0) + value / photos.count;
      squares[c] = (squares[c] ?? 0) + (value * value) / photos.count;
    }
  }
  const set = (name: string, data: Float32Array) =>
    weights.set(`image.pooled.${name}`, { shape: [channels], data } satisfies Parameter);
  set('mean', Float32Array.from(sum));
  // A feature that hardly ever varies is not blown up.
  set(
    'scale',
    Float32Array.from(squares, (square, c) => 1 / Math.sqrt(Math.max(1e-4, square - (sum[c] ?? 0) ** 2))),
  );
}

async function pooledFeatures(
  photos: Pick<FeatureStore, 'features'>,
  photo: number,
  [fine, coarse]: readonly [number, number, number],
  channels: number,
): Promise<Float32Array> {
  const row = await photos.features(photo);
  const patches = coarse / channels;
  return Float32Array.from({ length: channels }, (_, c) => {
    const start = fine + c * patches;
    return row.subarray(start, start + patches).reduce((total, value) => total + value, 0) / patches;
  });
}
