import type { EyeConfig } from '../../../models/eye/config.js';
import type { Parameter } from '../../../nn/parameters.js';
import { featureMatrix } from '../../../style-space/feature-matrix.js';
import { fitPca } from '../../../style-space/pca.js';
import type { EyeCorpus } from './corpus.js';
import type { DrawPlan } from './drawn-pictures.js';
import { featureRange } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';
import { EYE_CLUSTERS } from './style-recipe.js';

/** How much colours and outlines count in a query of each cluster of `EYE_CLUSTERS`, beside 1 in a photo; chosen on half
 *  of the queries of `val`, see docs/experiments.md. */
export const LOOK_GAINS: Readonly<Record<(typeof EYE_CLUSTERS)[number], readonly [number, number]>> = {
  photo: [0.6, 1],
  art: [0.5, 1],
  'art 2': [0, 0.4],
  sketch: [0, 2.2],
  lowres: [1.67, 1.4],
};

type Store = Pick<FeatureStore, 'count' | 'features'>;
type Look = 'layout' | 'outlines';

/** The maps from a photo's colour layout and outlines to its looks, `image.appearance` and `image.outlines`: the first
 *  principal directions over the training photos, each divided by the square root of its deviation, so that they are
 *  whitened half. Nothing where the model has no such part. */
export async function lookMaps(config: EyeConfig, photos: Store): Promise<Map<string, Parameter>> {
  const { appearance, outlines } = config.image;
  return new Map([
    ...(appearance ? await halfWhitened('appearance', 'layout', appearance.width, config, photos) : []),
    ...(outlines ? await halfWhitened('outlines', 'outlines', outlines.width, config, photos) : []),
  ]);
}

/** Photos that a map is fitted on: more change nothing. */
const FITTED = 6000;

async function halfWhitened(
  name: string,
  part: Look,
  width: number,
  config: EyeConfig,
  photos: Store,
): Promise<[string, Parameter][]> {
  const [start, end] = featureRange(config, part);
  const numbers = end - start;
  const every = Math.max(1, Math.ceil(photos.count / FITTED));
  const rows: Float32Array[] = [];
  for (let photo = 0; photo < photos.count; photo += every)
    rows.push((await photos.features(photo)).slice(start, end));
  const { mean, components, variances } = fitPca(featureMatrix(rows), width);
  const weight = new Float32Array(width * numbers);
  const bias = new Float32Array(width);
  for (let row = 0; row < width; row++) {
    // A direction that fewer photos than numbers leave empty stays empty: √σ is the fourth root of the variance.
    const variance = variances[row] ?? 0;
    const factor = variance > 1e-9 ? variance ** -0.25 : 0;
    for (let i = 0; i < numbers; i++) {
      const value = factor * (components[row * numbers + i] ?? 0);
      weight[row * numbers + i] = value;
      bias[row] = (bias[row] ?? 0) - value * (mean[i] ?? 0);
    }
  }
  return [
    [`image.${name}.weight`, { shape: [width, numbers], data: weight }],
    [`image.${name}.bias`, { shape: [width], data: bias }],
  ];
}

/** What the looks of the training pictures of each cluster have in common, `query.look_places`, and how much looks count,
 *  `query.look_gains`. Colours have nothing taken off: a painter's palette says which photo is meant. */
export async function queryLooks(
  config: EyeConfig,
  backbone: ReadonlyMap<string, Parameter>,
  pictures: {
    readonly corpus: Pick<EyeCorpus, 'drawings'>;
    readonly plans: readonly DrawPlan[];
    readonly drawn: Store;
    readonly human: Store;
  },
): Promise<Map<string, Parameter>> {
  const { appearance, outlines } = config.image;
  if (!appearance || !outlines) return new Map();
  const width = appearance.width + outlines.width;
  const places = new Float32Array(EYE_CLUSTERS.length * width);
  for (const [row, cluster] of EYE_CLUSTERS.entries()) {
    const place = await commonOutlines(config, backbone, groupsOf(cluster, pictures));
    for (const [i, value] of place.entries())
      places[row * width + appearance.width + i] = value * outlines.gain;
  }
  const gains = Float32Array.from(EYE_CLUSTERS.flatMap((cluster) => LOOK_GAINS[cluster]));
  return new Map([
    ['query.look_places', { shape: [EYE_CLUSTERS.length, width], data: places }],
    ['query.look_gains', { shape: [EYE_CLUSTERS.length, 2], data: gains }],
  ]);
}

interface Group {
  readonly store: Store;
  readonly places: readonly number[];
}

/** The pictures of a cluster, those by people and those drawn by makers apart, so that both count alike. */
function groupsOf(
  cluster: (typeof EYE_CLUSTERS)[number],
  { corpus, plans, drawn, human }: Parameters<typeof queryLooks>[2],
): Group[] {
  const kind = plans.flatMap((plan, place) => (plan.kind === cluster ? [place] : []));
  const style = cluster === 'art 2' ? 'cartoon' : cluster;
  const people = corpus.drawings.flatMap((one, place) => (one.style === style ? [place] : []));
  return [
    { store: drawn, places: kind },
    { store: human, places: people },
  ].filter(({ places }) => places.length > 0);
}

/** Pictures of a group whose mean is taken. */
const SAMPLED = 800;

/** Mean over the groups of the mean unit vector of their outlines; nothing for a cluster without pictures. */
async function commonOutlines(
  config: EyeConfig,
  backbone: ReadonlyMap<string, Parameter>,
  groups: readonly Group[],
): Promise<Float64Array> {
  const weight = backbone.get('image.outlines.weight')?.data ?? new Float32Array();
  const bias = backbone.get('image.outlines.bias')?.data ?? new Float32Array();
  const [start, end] = featureRange(config, 'outlines');
  const mean = new Float64Array(bias.length);
  for (const { store, places } of groups) {
    const every = Math.max(1, Math.ceil(places.length / SAMPLED));
    const some = places.filter((_, index) => index % every === 0);
    for (const place of some) {
      const unit = unitLook((await store.features(place)).subarray(start, end), weight, bias);
      for (const [i, value] of unit.entries())
        mean[i] = (mean[i] ?? 0) + value / (some.length * groups.length);
    }
  }
  return mean;
}

function unitLook(x: Float32Array, weight: Float32Array, bias: Float32Array): Float64Array {
  const out = Float64Array.from(bias);
  for (let row = 0; row < out.length; row++)
    for (let i = 0; i < x.length; i++)
      out[row] = (out[row] ?? 0) + (weight[row * x.length + i] ?? 0) * (x[i] ?? 0);
  const norm = Math.hypot(...out) || 1;
  return out.map((value) => value / norm);
}
