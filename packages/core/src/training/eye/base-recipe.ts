import type { EyeConfig } from '../../models/eye/config.js';
import { eyeHead } from '../../models/eye/image-tower.js';
import { textHead } from '../../models/eye/text-tower.js';
import { pixelBatch } from '../../models/pixel-batch.js';
import { l2Normalise } from '../../nn/l2-normalise.js';
import { type Parameter, type ParameterSource, within } from '../../nn/parameters.js';
import { type Graph, input, type Tensor } from '../../onnx/graph.js';
import { add, min, slice } from '../../onnx/ops/index.js';
import type { Random } from '../../random.js';
import { float32, type HostTensor } from '../../runtime/session.js';
import { infoNce } from '../losses.js';
import type { Objective } from '../step-contract.js';
import type { EyeCorpus, PictureSource } from './corpus.js';
import type { DrawPlan } from './drawn-pictures.js';
import { type EyeForm, eyeInput } from './eye-input.js';
import { mirrored } from './mirrored.js';

/** Pictures in one step of the base stage. */
export interface BaseBatch {
  /** Photos with a caption each. */
  readonly captioned: number;
  /** Photos with a changed version each. */
  readonly versions: number;
}

/** The caption features of a corpus: those of photo p are the rows from `first[p]`, as many as it has captions. */
export interface Sentences {
  readonly rows: Float32Array;
  readonly width: number;
  readonly first: readonly number[];
}

/** What the base stage draws from. */
export interface BaseData {
  readonly corpus: EyeCorpus;
  readonly pictures: PictureSource;
  readonly sentences: Sentences;
  readonly plans: readonly DrawPlan[];
  /** The drawn pictures, in the order of the plans. */
  readonly drawn: PictureSource;
}

/** Heads and text projection learn; trunk, sentence encoder and what standardises the pooled features do not. */
export const baseTrains = (name: string): boolean =>
  /^(base|text\.norm|text\.head)\./.test(name) ||
  (name.startsWith('image.') && !/^image\.(trunk|pooled)\./.test(name));

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
  form: EyeForm,
): Objective {
  const photos = captioned + versions;
  const image = within(source, 'image');
  const sentences = input(graph, 'sentences', [captioned, config.text.read.length * config.text.width]);
  const see = (name: string, count: number): Tensor =>
    l2Normalise(eyeHead(image, eyeInput(graph, image, name, count, config, form), config));
  const [seen, changed] = [see('photos', photos), see('versions', versions)];
  const rows = (start: number, end: number): Tensor => slice(seen, [{ axis: 0, start, end }]);
  const words = l2Normalise(textHead(within(source, 'text'), sentences, config));
  const scale = (name: string): Tensor => min(source(name, []), MAX_SCALE);
  const text = infoNce(words, rows(0, captioned), scale('base.text_scale'));
  const version = infoNce(changed, rows(captioned, photos), scale('base.version_scale'));
  return { loss: add(text, version), metrics: { text, version } };
}

/** Draws the feeds of one step of the base stage. */
export async function baseFeeds(
  data: BaseData,
  config: EyeConfig,
  { captioned, versions }: BaseBatch,
  random: Random,
): Promise<Record<string, HostTensor>> {
  const { corpus, pictures, sentences, plans, drawn } = data;
  const told = corpus.photos.flatMap(({ captions }, index) => (captions.length > 0 ? [index] : []));
  const chosen = random.shuffle(told).slice(0, captioned);
  const turned = chosen.map(() => random.uniform() < 0.5);
  // No photo twice: it would be its own negative.
  const draws = distinct(plans, versions, random);
  const of = (photo: number) => pictures.picture(corpus.photos[photo]?.picture ?? 0);
  const [seen, meant, changed] = await Promise.all([
    Promise.all(chosen.map(of)),
    Promise.all(draws.map((index) => of(plans[index]?.photo ?? 0))),
    Promise.all(draws.map((index) => drawn.picture(index))),
  ]);
  const { size } = config.image;
  const photos = [...seen.map((picture, slot) => (turned[slot] ? mirrored(picture) : picture)), ...meant];
  return {
    photos: pixelBatch(photos, size),
    versions: pixelBatch(changed, size),
    sentences: captionRows(chosen, data.corpus, sentences, random),
  };
}

/** One caption of each photo, drawn. */
function captionRows(
  chosen: readonly number[],
  { photos }: EyeCorpus,
  { rows, width, first }: Sentences,
  random: Random,
): HostTensor {
  const out = new Float32Array(chosen.length * width);
  for (const [row, photo] of chosen.entries()) {
    const caption = (first[photo] ?? 0) + random.integer(Math.max(1, photos[photo]?.captions.length ?? 1));
    out.set(rows.subarray(caption * width, (caption + 1) * width), row * width);
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
