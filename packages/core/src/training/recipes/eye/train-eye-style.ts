import { join } from 'node:path';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom, type Random } from '../../../random.js';
import { float32, int64, type SessionOptions } from '../../../runtime/session.js';
import { styleNetwork } from '../../../style-space/style-network.js';
import { adamW } from '../../adamw.js';
import { fit } from '../../fit.js';
import { warmupCosine } from '../../schedule.js';
import type { EyeData } from './eye-data.js';
import type { FeatureStore } from './feature-store.js';
import { nearestCosine, styleFeature } from './style-features.js';
import { EYE_CLUSTERS, freshCentres, styleObjective, styleTrains } from './style-recipe.js';

export interface TrainEyeStyleOptions {
  readonly data: EyeData;
  readonly styleSteps: number;
  readonly seed: number;
  readonly work: string;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
}

export interface EyeStyle {
  /** `style.network.*` and `style.centres`. */
  readonly weights: Map<string, Parameter>;
  /** Log of 1/τ. */
  readonly logScale: number;
  /** Edge of the pictures that the network reads. */
  readonly size: number;
  readonly knownCosine: number | null;
}

const BATCH = 256;

/** Pictures of one style and how often they are drawn. Photos come most, so that a photo is not taken for anything else. */
interface Group {
  readonly share: number;
  readonly cluster: number;
  readonly store: Pick<FeatureStore, 'energies'>;
  readonly places: readonly number[];
}

/** Trains the style space with named clusters on the kept energies of photos, drawn pictures and drawings by people. */
export async function trainEyeStyle(options: TrainEyeStyleOptions): Promise<EyeStyle> {
  const { data, styleSteps: steps, seed, session } = options;
  const groups = groupsOf(data);
  const network = [...data.weights].filter(([name]) => name.startsWith('style.network.'));
  const weights = new Map([...network, ...freshCentres(createRandom(`${seed}:style`))]);
  await fit(
    {
      name: 'eye style',
      seed,
      weights,
      phases: [
        {
          name: 'style',
          steps,
          trainable: styleTrains,
          loss: (graph, source) => styleObjective(graph, source, BATCH),
        },
      ],
      optimiser: adamW({ beta2: 0.99, weightDecay: (_, { shape }) => (shape.length > 1 ? 0.02 : 0) }),
      clipNorm: 1,
      average: 0.99,
      rate: (step) => warmupCosine(step, { peak: 2e-3, warmup: Math.min(30, steps / 10), total: steps }),
      batches: async (_, random) => [await drawStyles(groups, random)],
      images: BATCH,
    },
    {
      checkpoint: join(options.work, 'style.safetensors'),
      settings: { seed, steps },
      session,
      ...(options.signal ? { signal: options.signal } : {}),
    },
  );
  const logScale = weights.get('style.scale')?.data[0] ?? 0;
  weights.delete('style.scale');
  return { weights, logScale, size: 128, knownCosine: await knownCosine(weights, groups, seed) };
}

/** Pictures that the limit of what is known is measured on, and the share of them that lies outside. */
const MEASURED = 1500;
const OUTSIDE = 0.01;

async function knownCosine(
  weights: ReadonlyMap<string, Parameter>,
  groups: readonly Group[],
  seed: number,
): Promise<number> {
  const random = createRandom(`${seed}:known styles`);
  const centres = weights.get('style.centres')?.data ?? new Float32Array();
  const cosines: number[] = [];
  for (let i = 0; i < MEASURED; i++) {
    const { store, places } = drawGroup(groups, random);
    const energies = await store.energies(places[random.integer(places.length)] ?? 0);
    cosines.push(nearestCosine(styleFeature(weights, energies), centres));
  }
  cosines.sort((a, b) => a - b);
  return cosines[Math.floor(OUTSIDE * MEASURED)] ?? 0;
}

function groupsOf({ corpus, plans, photos, drawn, human }: EyeData): Group[] {
  const cluster = (name: (typeof EYE_CLUSTERS)[number]) => EYE_CLUSTERS.indexOf(name);
  const planned = (kind: string) => plans.flatMap((plan, place) => (plan.kind === kind ? [place] : []));
  const drawings = (style: string) =>
    corpus.drawings.flatMap((one, place) => (one.style === style ? [place] : []));
  const all: Group[] = [
    { share: 0.42, cluster: cluster('photo'), store: photos, places: corpus.photos.map((_, i) => i) },
    { share: 0.06, cluster: cluster('photo'), store: drawn, places: planned('colour') },
    { share: 0.12, cluster: cluster('art'), store: drawn, places: planned('art') },
    { share: 0.12, cluster: cluster('art'), store: human, places: drawings('art') },
    { share: 0.09, cluster: cluster('art 2'), store: human, places: drawings('cartoon') },
    { share: 0.06, cluster: cluster('sketch'), store: drawn, places: planned('sketch') },
    { share: 0.06, cluster: cluster('sketch'), store: human, places: drawings('sketch') },
    { share: 0.07, cluster: cluster('lowres'), store: drawn, places: planned('lowres') },
  ];
  return all.filter(({ places }) => places.length > 0);
}

async function drawStyles(groups: readonly Group[], random: Random) {
  const chosen = Array.from({ length: BATCH }, () => {
    const group = drawGroup(groups, random);
    return { group, place: group.places[random.integer(group.places.length)] ?? 0 };
  });
  const rows = await Promise.all(chosen.map(({ group, place }) => group.store.energies(place)));
  const energies = new Float32Array(BATCH * styleNetwork.energies);
  for (const [row, values] of rows.entries()) energies.set(values, row * styleNetwork.energies);
  return {
    energies: float32(energies, [BATCH, styleNetwork.energies]),
    style: int64(
      chosen.map(({ group }) => group.cluster),
      [BATCH],
    ),
  };
}

function drawGroup(groups: readonly Group[], random: Random): Group {
  let left = random.uniform() * groups.reduce((sum, { share }) => sum + share, 0);
  for (const group of groups) {
    left -= group.share;
    if (left < 0) return group;
  }
  const last = groups.at(-1);
  if (!last) throw new RangeError('the style space has no pictures to learn from');
  return last;
}
