import { join } from 'node:path';
import { initialiseQueryTower, type QueryTowerShape } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import { exportQueryTower } from '../../../models/export-query-tower.js';
import type { EyeConfig } from '../../../models/eye/config.js';
import { eyeHead } from '../../../models/eye/image-tower.js';
import type { FrozenBackbone } from '../../../models/tunable-tower.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { bindParameters, type ParameterMap, within } from '../../../nn/parameters.js';
import { createGraph, output } from '../../../onnx/graph.js';
import { createRandom } from '../../../random.js';
import { createSession, float32, type HostTensor, type SessionOptions } from '../../../runtime/session.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import type { BundleManifest } from '../../../weights/bundle-manifest.js';
import type { ModelBundle } from '../../../weights/model-bundle.js';
import { adamW } from '../../adamw.js';
import { type FitEvent, fit } from '../../fit.js';
import { describeRecords } from '../../run-settings.js';
import { warmupCosine } from '../../schedule.js';
import { exportEyeStyle } from './export-eye-style.js';
import type { EyeData, EyeDataOptions } from './eye-data.js';
import { eyeInput, featureFeeds, HEAD_PARTS, meantOnly } from './eye-input.js';
import { queryLooks } from './look-map.js';
import {
  eyeQueryFeeds,
  eyeQueryObjective,
  fromFeatures,
  type QueryBatch,
  queryConstants,
  queryParts,
} from './query-recipe.js';
import { styleFeature } from './style-features.js';
import { EYE_CLUSTERS } from './style-recipe.js';
import { trainEyeStyle } from './train-eye-style.js';

export interface TrainEyeQueryOptions extends Omit<EyeDataOptions, 'cache' | 'draws'> {
  readonly data: EyeData;
  /** The trained backbone, of `bundle`. */
  readonly backbone: FrozenBackbone;
  readonly tuning: Tuning;
  readonly steps: number;
  /** Step after which the run ends, though its rates are those of `steps`; a run that is there already ends at once. */
  readonly until?: number;
  readonly styleSteps: number;
  readonly batch: QueryBatch;
  readonly rate: number;
  readonly work: string;
  readonly out: string;
  /** Bundle of the style space to write beside it. */
  readonly styleOut?: string;
  readonly name: string;
  readonly training: BundleManifest['training'];
  readonly onEvent?: (event: FitEvent) => void;
}

/** The tower's own weights take smaller steps than prompts. */
const COPY_RATE = 0.3;
/** The pretrained trunk's smaller ones still. */
const TRUNK_RATE = 0.15;
const DECAY = 0.02;

/** The query stage: the style space with named clusters, then the style-prompted tower against the frozen gallery, both on
 *  kept features. A killed run goes on from its checkpoints. */
export async function trainEyeQuery(options: TrainEyeQueryOptions): Promise<ModelBundle> {
  const { data, backbone, tuning, steps, batch, seed, session } = options;
  const { config, corpus } = data;
  const style = await trainEyeStyle(options);
  if (options.styleOut !== undefined)
    await exportEyeStyle(options.styleOut, options.name, style, {
      ...options.training,
      steps: options.styleSteps,
      seed,
    });
  const frozen = new Map([...backbone.weights, ...style.weights]);
  const shape: QueryTowerShape = { tower: backbone.image, tuning, clusters: EYE_CLUSTERS.length };
  const gallery = await encodeGallery(data, backbone.weights, session);
  const weights = new Map([
    ...frozen,
    ...initialiseQueryTower(shape, frozen, createRandom(`${seed}:query`)),
    ...queryConstants(corpus, gallery),
  ]);
  if (tuning.appearance)
    for (const [name, parameter] of await queryLooks(config, backbone.weights, data))
      weights.set(name, parameter);
  weights.set('query.temperature', { shape: [], data: Float32Array.of(style.logScale) });
  weights.set('query.logit_scale', { shape: [], data: Float32Array.of(Math.log(30)) });
  const meant = { ...shape, tower: meantOnly(backbone.image, config) };
  const size = batch.drawn + batch.human;
  const counts = { photos: corpus.photos.length, kinds: corpus.kinds.length + 1 };
  const feeds = { ...data, reduce: reducer(style.weights) };
  await fit(
    {
      name: 'eye query',
      seed,
      weights,
      phases: [
        {
          name: 'query',
          steps: Math.min(steps, options.until ?? steps),
          trainable: (name) => name.startsWith('query.') && !name.startsWith('query.look_'),
          loss: (graph, source) =>
            eyeQueryObjective(
              graph,
              source,
              meant,
              size,
              counts,
              fromFeatures(graph, source, meant, config, size),
            ),
        },
      ],
      optimiser: adamW({
        beta2: 0.98,
        weightDecay: (_, parameter) => (parameter.shape.length > 1 ? DECAY : 0),
        rate: (name) =>
          name.startsWith('query.image.trunk.')
            ? TRUNK_RATE
            : name.startsWith('query.image.')
              ? COPY_RATE
              : 1,
      }),
      clipNorm: 2,
      average: 0.985,
      rate: (step) =>
        warmupCosine(step, { peak: options.rate, warmup: Math.min(30, steps / 10), total: steps }),
      batches: async (_, random) => [await eyeQueryFeeds(feeds, config, batch, queryParts(tuning), random)],
      images: size,
    },
    {
      checkpoint: join(options.work, 'query.safetensors'),
      settings: {
        backbone: backbone.hash,
        seed,
        steps,
        tuning: { ...tuning },
        batch: { ...batch },
        rate: options.rate,
      },
      data: describeRecords(options.datasets),
      session,
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    },
  );
  return exportQueryTower(options.out, {
    name: options.name,
    base: backbone,
    tuning,
    styleSize: style.size,
    clusters: EYE_CLUSTERS,
    knownCosine: style.knownCosine,
    calibration: {},
    weights,
    training: {
      ...options.training,
      steps,
      until: options.until ?? steps,
      batch: { ...batch },
      rate: options.rate,
      seed,
    },
    evaluation: {},
  });
}

const BATCH = 16;

/** Unit vectors of the training photos by the plain tower, `[photos, embedding]`. */
async function encodeGallery(
  { config, photos }: EyeData,
  weights: ParameterMap,
  options: SessionOptions,
): Promise<Float32Array> {
  const session = await createHeadSession(weights, config, options);
  const vectors = new Float32Array(photos.count * config.embedding);
  try {
    for (let start = 0; start < photos.count; start += BATCH) {
      const rows = await Promise.all(
        Array.from({ length: BATCH }, (_, i) => photos.features(Math.min(start + i, photos.count - 1))),
      );
      const { embedding } = await session.run(featureFeeds('photos', rows, config, HEAD_PARTS));
      const some = Math.min(BATCH, photos.count - start) * config.embedding;
      const seen = embedding?.data as Float32Array;
      vectors.set(seen.subarray(0, some), start * config.embedding);
    }
    return vectors;
  } finally {
    await session.close();
  }
}

function createHeadSession(weights: ParameterMap, config: EyeConfig, options: SessionOptions) {
  const graph = createGraph('eye-head');
  const { source } = bindParameters(graph, weights);
  const image = within(source, 'image');
  const features = eyeInput(graph, 'photos', BATCH, config, HEAD_PARTS);
  output(graph, 'embedding', l2Normalise(eyeHead(image, features, config)));
  return createSession(graph, options);
}

/** {@link styleFeature} on rows. */
function reducer(weights: ParameterMap): (energies: readonly Float32Array[]) => HostTensor {
  const { width } = styleNetwork;
  return (rows) => {
    const out = new Float32Array(rows.length * width);
    for (const [row, energies] of rows.entries()) out.set(styleFeature(weights, energies), row * width);
    return float32(out, [rows.length, width]);
  };
}
