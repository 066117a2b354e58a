import { type QueryTowerShape, queryTower } from '../../../freestyle/query-tower.js';
import type { Tuning } from '../../../freestyle/tuning.js';
import type { EyeConfig } from '../../../models/eye/config.js';
import type { Parameter, ParameterSource } from '../../../nn/parameters.js';
import { constant, type Graph, input, type Tensor } from '../../../onnx/graph.js';
import {
  add,
  cast,
  equal,
  exp,
  fusedMatMul,
  gather,
  log,
  logSoftmax,
  min,
  mul,
  neg,
  reduceSum,
  reshape,
  sub,
} from '../../../onnx/ops/index.js';
import type { Random } from '../../../random.js';
import { float32, type HostTensor, int64 } from '../../../runtime/session.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import type { Objective } from '../../step-contract.js';
import type { EyeCorpus } from './corpus.js';
import type { DrawPlan } from './drawn-pictures.js';
import { HUMAN_VIEWS } from './eye-data.js';
import { eyeInput, type FeaturePart, featureFeeds, HEAD_PARTS, onFeatures } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';

/** Pictures in one step of the query stage. */
export interface QueryBatch {
  /** Drawn by the makers. */
  readonly drawn: number;
  /** Drawn by people. */
  readonly human: number;
}

export interface EyeQueryData {
  readonly corpus: EyeCorpus;
  readonly plans: readonly DrawPlan[];
  /** The drawn pictures, in the order of the plans. */
  readonly drawn: Pick<FeatureStore, 'features' | 'energies'>;
  /** What people drew: all drawings of the corpus in its order, in each view. */
  readonly human: Pick<FeatureStore, 'features' | 'energies'>;
  /** From the style network's energies to style features, `[rows, 64]`. */
  readonly reduce: (energies: readonly Float32Array[]) => HostTensor;
}

/** Share of the loss of a picture that is for its class: the very photo behind it can hardly be told from a human drawing,
 *  and outlines tell it where it can. */
const KIN_SHARE = { human: 0.7, drawn: 0.5 };
/** Weight of the other direction, photo to query, which keeps a photo from being everybody's neighbour. */
const BACK_WEIGHT = 0.5;
const MAX_SCALE = Math.log(100);
/** Under a probability, so that its logarithm stays finite. */
const FLOOR = 1e-9;
/** Large enough that its exponential is zero. */
const BLOCKED = 30_000;

/** Weights that the objective reads and that never learn: `bank`, the gallery's unit vectors, and `kinds`
 *  `[classes + 1, photos]`, 1 where a photo is of a class; the last row is empty. */
export function queryConstants(
  { photos, kinds }: Pick<EyeCorpus, 'photos' | 'kinds'>,
  gallery: Float32Array,
): Map<string, Parameter> {
  const masks = new Float32Array((kinds.length + 1) * photos.length);
  for (const [row, kind] of kinds.entries())
    for (const photo of kind.photos) masks[row * photos.length + photo] = 1;
  return new Map([
    ['bank', { shape: [photos.length, gallery.length / photos.length], data: gallery }],
    ['kinds', { shape: [kinds.length + 1, photos.length], data: masks }],
  ]);
}

/** The queries' vectors from `pixels` uint8 `[batch, size, size, 3]`. */
function fromPixels(graph: Graph, source: ParameterSource, shape: QueryTowerShape, batch: number): Tensor {
  const { size } = shape.tower;
  const pixels = input(graph, 'pixels', [batch, size, size, 3], 'uint8');
  return queryTower(source, pixels, shape).embedding;
}

/** The queries' vectors from what the frozen trunk and style network made of them once: see `eyeInput`, and `gram`
 *  `[batch, 64]`. */
export function fromFeatures(
  graph: Graph,
  source: ParameterSource,
  shape: QueryTowerShape,
  config: EyeConfig,
  batch: number,
): Tensor {
  const gram = shape.clusters > 0 ? input(graph, 'gram', [batch, styleNetwork.width]) : null;
  const features = shape.tuning.lateTrunk
    ? eyeInput(graph, 'queries', batch, config, LATE_PARTS)
    : eyeInput(graph, 'queries', batch, config, HEAD_PARTS);
  const tower = onFeatures(shape.tower, features, config);
  // The tower reads no pixels then: any tensor of the batch stands for them.
  return queryTower(source, features.fine, { ...shape, tower }, null, gram).embedding;
}

/** What the graph reads of a picture: the map of stride 32 is made in it where the trunk's last stage learns. */
const LATE_PARTS = ['fine', 'layout'] as const;
export const queryParts = ({ lateTrunk }: Pick<Tuning, 'lateTrunk'>): readonly FeaturePart[] =>
  lateTrunk ? LATE_PARTS : HEAD_PARTS;

/** InfoNCE of queries against the whole gallery: for the photo meant, or partly or wholly for those of its class; and
 *  within the batch from each photo to its query. Inputs: those of the queries, `photo` int64 `[batch]`,
 *  `kind` int64 `[batch]`, `kin` float32 `[batch]`, the share of the loss that is for the class.
 *  @param photos in the bank. @param kinds rows of the class masks.
 *  @param queries unit rows `[batch, embedding]`; from pixels where absent. */
export function eyeQueryObjective(
  graph: Graph,
  source: ParameterSource,
  shape: QueryTowerShape,
  batch: number,
  { photos, kinds }: { readonly photos: number; readonly kinds: number },
  queries = fromPixels(graph, source, shape, batch),
): Objective {
  const width = shape.tower.embedding;
  const photo = input(graph, 'photo', [batch], 'int64');
  const kind = input(graph, 'kind', [batch], 'int64');
  const kin = input(graph, 'kin', [batch]);
  const bank = source('bank', [photos, width]);
  const scale = exp(min(source('query.logit_scale', []), MAX_SCALE));
  const logs = logSoftmax(mul(fusedMatMul(queries, bank, { transB: true }), scale));
  const rowSum = (x: Tensor): Tensor => reduceSum(x, { axes: [1] });
  const own = neg(rowSum(mul(logs, marked(photo, batch, photos))));
  const alike = neg(log(add(rowSum(mul(exp(logs), gather(source('kinds', [kinds, photos]), kind))), FLOOR)));
  const single = sub(constant(graph, 1), kin);
  const found = add(mul(own, single), mul(alike, kin));
  const meant = gather(bank, photo);
  const back = logSoftmax(
    add(mul(fusedMatMul(meant, queries, { transB: true }), scale), twins(photo, batch)),
  );
  const eye = constant(graph, diagonal(batch), [batch, batch]);
  const returned = mul(neg(rowSum(mul(back, eye))), single);
  const mean = (x: Tensor): Tensor => mul(reduceSum(x), 1 / batch);
  const [all, returning] = [mean(found), mean(returned)];
  return { loss: add(all, mul(returning, BACK_WEIGHT)), metrics: { found: all, returned: returning } };
}

const diagonal = (size: number): Float32Array =>
  Float32Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));

/** `[batch, photos]`: 1 at the photo that each query means. */
function marked(photo: Tensor, batch: number, photos: number): Tensor {
  const places = constant(
    photo.graph,
    Float32Array.from({ length: photos }, (_, place) => place),
    [1, photos],
  );
  return cast(equal(reshape(cast(photo, 'float32'), [batch, 1]), places), 'float32');
}

/** `[batch, batch]`: large and negative where two queries mean the same photo, 0 elsewhere and on the diagonal. */
function twins(photo: Tensor, batch: number): Tensor {
  const places = cast(photo, 'float32');
  const same = cast(equal(reshape(places, [batch, 1]), reshape(places, [1, batch])), 'float32');
  return mul(sub(same, constant(photo.graph, diagonal(batch), [batch, batch])), -BLOCKED);
}

/** Draws the feeds of one step, in the form of features: drawn pictures, and drawings by people, as many of each style as
 *  of any other. */
export async function eyeQueryFeeds(
  { corpus, plans, drawn, human, reduce }: EyeQueryData,
  config: EyeConfig,
  batch: QueryBatch,
  parts: readonly FeaturePart[],
  random: Random,
): Promise<Record<string, HostTensor>> {
  const made = Array.from({ length: batch.drawn }, () => random.integer(plans.length));
  const people = humanDrawings(corpus, batch.human, random);
  const sources = [
    ...made.map((place) => ({ store: drawn, place })),
    ...people.map(({ place }) => ({ store: human, place })),
  ];
  const [features, energies] = await Promise.all([
    Promise.all(sources.map(({ store, place }) => store.features(place))),
    Promise.all(sources.map(({ store, place }) => store.energies(place))),
  ]);
  const rows = [
    ...made.map((place) => {
      const photo = plans[place]?.photo ?? 0;
      const kind = corpus.photos[photo]?.kind ?? null;
      return { photo, kind: kind ?? corpus.kinds.length, kin: kind === null ? 0 : KIN_SHARE.drawn };
    }),
    ...people,
  ];
  const list = (key: 'photo' | 'kind') =>
    int64(
      rows.map((row) => row[key]),
      [rows.length],
    );
  return {
    ...featureFeeds('queries', features, config, parts),
    gram: reduce(energies),
    photo: list('photo'),
    kind: list('kind'),
    kin: float32(
      Float32Array.from(rows, ({ kin }) => kin),
      [rows.length],
    ),
  };
}

/** Drawings by chance: of each style alike, those that mean a photo and those that mean a class apart. */
function humanDrawings({ drawings, kinds }: EyeCorpus, count: number, random: Random) {
  const groups = new Map<string, number[]>();
  for (const [place, { style, photo, kind }] of drawings.entries()) {
    const name = `${style} ${photo === null} ${kind === null}`;
    groups.set(name, [...(groups.get(name) ?? []), place]);
  }
  const styles = [...groups.values()];
  if (styles.length === 0)
    throw new RangeError('the query stage wants drawings by people, and there are none');
  return Array.from({ length: count }, () => {
    const members = styles[random.integer(styles.length)] ?? [];
    const place = members[random.integer(members.length)] ?? 0;
    const { photo = null, kind = null } = drawings[place] ?? {};
    const kin = kind === null ? [] : (kinds[kind]?.photos ?? []);
    return {
      place: place + drawings.length * random.integer(HUMAN_VIEWS),
      photo: photo ?? kin[random.integer(Math.max(1, kin.length))] ?? 0,
      kind: kind ?? kinds.length,
      kin: photo === null ? 1 : kind === null ? 0 : KIN_SHARE.human,
    };
  });
}
