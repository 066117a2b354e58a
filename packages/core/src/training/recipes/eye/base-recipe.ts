import type { EyeConfig } from '../../../models/eye/config.js';
import { eyeHead, pooledHead } from '../../../models/eye/image-tower.js';
import { textHead } from '../../../models/eye/text-tower.js';
import { l2Normalise } from '../../../nn/l2-normalise.js';
import { type Parameter, type ParameterMap, type ParameterSource, within } from '../../../nn/parameters.js';
import { type Graph, input, type Tensor } from '../../../onnx/graph.js';
import { add, min, mul, slice } from '../../../onnx/ops/index.js';
import type { Random } from '../../../random.js';
import { float32, type HostTensor } from '../../../runtime/session.js';
import { infoNce } from '../../losses.js';
import type { Objective } from '../../step-contract.js';
import type { EyeCorpus } from './corpus.js';
import type { DrawPlan } from './drawn-pictures.js';
import { eyeInput, featureFeeds, HEAD_PARTS } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';
import { type PooledRows, pooledFeeds } from './pooled-rows.js';
import type { Sentences } from './sentences.js';

/** Pictures in one step of the base stage. */
export interface BaseBatch {
  /** Photos with a caption each. */
  readonly captioned: number;
  /** Photos with a changed version each. */
  readonly versions: number;
}

/** What the base stage draws from. */
export interface BaseData {
  readonly corpus: EyeCorpus;
  /** In the order of the corpus's photos. */
  readonly photos: Pick<FeatureStore, 'features'>;
  readonly sentences: Sentences;
  readonly plans: readonly DrawPlan[];
  /** The drawn pictures, in the order of the plans. */
  readonly drawn: Pick<FeatureStore, 'features'>;
  /** The pooled features of both. */
  readonly pooled: { readonly photos: PooledRows; readonly drawn: PooledRows };
}

/** What the graph of the base stage reads of a picture: its pooled features alone, while only the perceptron and the text
 *  head learn, or its maps as well. */
export type BaseForm = 'pooled' | 'features';

/** Heads and text projection learn; trunk, sentence encoder and what standardises the pooled features do not. */
export const baseTrains = (name: string): boolean =>
  /^(base|text\.norm|text\.head)\./.test(name) ||
  (name.startsWith('image.') && !/^image\.(trunk|pooled|appearance|outlines)\./.test(name));

/** Those of them that the perceptron on pooled features and the words have. */
export const pooledTrains = (name: string): boolean =>
  baseTrains(name) && /^(image\.head|text|base)\./.test(name);

/** Weight of the loss of changed versions: the looks find a picture's own photo by themselves, so the space is for what
 *  is meant first. */
const VERSION_WEIGHT = 0.5;

/** 1/0.07, where CLIP starts, and its limit. */
const START_SCALE = Math.log(1 / 0.07);
const MAX_SCALE = Math.log(100);

/** The scales that the two losses learn. */
export const baseScales = (): Map<string, Parameter> =>
  new Map(
    ['base.text_scale', 'base.version_scale'].map((name) => [
      name,
      { shape: [], data: Float32Array.of(START_SCALE) },
    ]),
  );

/** Captions find their photos and changed versions the photo that they were made of, each in both directions; the trunk
 *  stays frozen. Inputs, in the form told: `photos`, `captioned + versions` of them, the captioned ones first; `versions`,
 *  of the last photos; and `sentences` `[captioned, read·width]`. */
export function baseObjective(
  graph: Graph,
  source: ParameterSource,
  config: EyeConfig,
  { captioned, versions }: BaseBatch,
  form: BaseForm,
): Objective {
  const photos = captioned + versions;
  const image = within(source, 'image');
  const sentences = input(graph, 'sentences', [captioned, config.text.read.length * config.text.width]);
  const see = (name: string, count: number): Tensor =>
    l2Normalise(form === 'pooled' ? pooledInput(graph, image, name, count, config) : mapped(name, count));
  const mapped = (name: string, count: number): Tensor =>
    eyeHead(image, eyeInput(graph, name, count, config, HEAD_PARTS), config);
  const [seen, changed] = [see('photos', photos), see('versions', versions)];
  const rows = (start: number, end: number): Tensor => slice(seen, [{ axis: 0, start, end }]);
  const words = l2Normalise(textHead(within(source, 'text'), sentences, config));
  const scale = (name: string): Tensor => min(source(name, []), MAX_SCALE);
  const text = infoNce(words, rows(0, captioned), scale('base.text_scale'));
  const version = infoNce(changed, rows(captioned, photos), scale('base.version_scale'));
  return { loss: add(text, mul(version, VERSION_WEIGHT)), metrics: { text, version } };
}

function pooledInput(
  graph: Graph,
  image: ParameterSource,
  name: string,
  count: number,
  config: EyeConfig,
): Tensor {
  const { trunk, layout } = config.image;
  const pooled = input(graph, `${name}_pooled`, [count, trunk.head]);
  return pooledHead(image, pooled, input(graph, `${name}_layout`, [count, 3, layout, layout]), config);
}

/** Draws the feeds of one step of the base stage. @param weights `image.pooled.*`. */
export async function baseFeeds(
  data: BaseData,
  config: EyeConfig,
  { captioned, versions }: BaseBatch,
  form: BaseForm,
  weights: ParameterMap,
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { corpus, photos, sentences, plans, drawn, pooled } = data;
  const chosen = captionedPhotos(corpus, captioned, random);
  // No photo twice: it would be its own negative.
  const draws = distinct(plans, versions, random);
  const meant = draws.map((index) => plans[index]?.photo ?? 0);
  const words = { sentences: captionRows(chosen, corpus, sentences, random) };
  if (form === 'pooled')
    return {
      ...pooledFeeds('photos', [...chosen, ...meant], pooled.photos, weights, config, random),
      ...pooledFeeds('versions', draws, pooled.drawn, weights, config, random),
      ...words,
    };
  const [seen, changed] = await Promise.all([
    Promise.all([...chosen, ...meant].map((photo) => photos.features(photo))),
    Promise.all(draws.map((index) => drawn.features(index))),
  ]);
  return {
    ...featureFeeds('photos', seen, config, HEAD_PARTS),
    ...featureFeeds('versions', changed, config, HEAD_PARTS),
    ...words,
  };
}

/** Photos with captions by chance; of each class one at most that has no caption but its class, or the words of one would
 *  be held for wrong with another. */
function captionedPhotos({ photos }: EyeCorpus, count: number, random: Random): number[] {
  const told = photos.flatMap(({ captions }, index) => (captions.length > 0 ? [index] : []));
  const taken = new Set<number>();
  const chosen: number[] = [];
  for (const place of random.shuffle(told)) {
    if (chosen.length === count) break;
    const { classOnly = false, kind = null } = photos[place] ?? {};
    if (classOnly && kind !== null) {
      if (taken.has(kind)) continue;
      taken.add(kind);
    }
    chosen.push(place);
  }
  if (chosen.length < count)
    throw new RangeError(
      `the base stage wants ${count} photos with captions, of classes one each, and there are ${chosen.length}`,
    );
  return chosen;
}

/** Share of a caption's features that is left out of a step, so that it is not learned by heart. */
const DROPPED = 0.1;

/** For each photo a place between two of its captions, some of its features left out. */
function captionRows(
  chosen: readonly number[],
  { photos }: EyeCorpus,
  { rows, width, first }: Sentences,
  random: Random,
): HostTensor {
  const out = new Float32Array(chosen.length * width);
  for (const [row, photo] of chosen.entries()) {
    const count = Math.max(1, photos[photo]?.captions.length ?? 1);
    const [one, other] = [0, 0].map(() => ((first[photo] ?? 0) + random.integer(count)) * width) as [
      number,
      number,
    ];
    const share = random.uniform();
    for (let i = 0; i < width; i++) {
      if (random.uniform() < DROPPED) continue;
      out[row * width + i] = share * (rows[one + i] ?? 0) + (1 - share) * (rows[other + i] ?? 0);
    }
  }
  return float32(out, [chosen.length, width]);
}

/** Places of drawn pictures of different photos. */
function distinct(plans: readonly DrawPlan[], count: number, random: Random): number[] {
  const taken = new Set<number>();
  const places: number[] = [];
  for (let tries = 0; places.length < count && tries < 50 * count; tries++) {
    const place = random.integer(plans.length);
    const photo = plans[place]?.photo ?? -1;
    if (taken.has(photo)) continue;
    taken.add(photo);
    places.push(place);
  }
  if (places.length < count)
    throw new RangeError(`the base stage wants ${count} photos with a drawn version, and there are fewer`);
  return places;
}
