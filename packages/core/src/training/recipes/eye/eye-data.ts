import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../../datasets/canonical-json.js';
import type { Dataset } from '../../../datasets/dataset.js';
import { readImage } from '../../../image/image-codec.js';
import type { RgbImage } from '../../../image/rgb-image.js';
import { type EyeConfig, eyeConfigSchema } from '../../../models/eye/config.js';
import { eyeTunableImage } from '../../../models/eye/eye-backbone.js';
import { styleFolder } from '../../../models/small/open-backbone.js';
import { readBundleWeights } from '../../../models/small/read-small-bundle.js';
import type { Parameter } from '../../../nn/parameters.js';
import { createRandom } from '../../../random.js';
import type { SessionOptions } from '../../../runtime/session.js';
import { createDrawPool } from '../../../styles/randomised/draw-pool.js';
import { warpQuery } from '../../../styles/randomised/warp-query.js';
import { hashContent } from '../../../weights/hash-file.js';
import { type ModelBundle, readBundle } from '../../../weights/model-bundle.js';
import { fileStamps } from '../query/file-stamps.js';
import { openPictureStore } from '../query/picture-store.js';
import { type EyeCorpus, eyeCorpus } from './corpus.js';
import { type DrawPlan, drawPlanned, planDrawn } from './drawn-pictures.js';
import { type FeatureStore, openFeatures } from './feature-store.js';
import { mirrored } from './mirrored.js';

export interface EyeDataOptions {
  /** The imported bundle: its trunk makes the features. */
  readonly bundle: ModelBundle;
  readonly datasets: readonly Dataset[];
  /** Pictures and features are kept here, by what they are made from. */
  readonly cache: string;
  readonly seed: number;
  /** Drawn pictures in all. */
  readonly draws: number;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

/** Everything that the eye's stages learn from, computed once. */
export interface EyeData {
  readonly config: EyeConfig;
  /** Of the bundle, and `style.network.*`. */
  readonly weights: Map<string, Parameter>;
  readonly corpus: EyeCorpus;
  readonly plans: readonly DrawPlan[];
  readonly photos: FeatureStore;
  readonly drawn: FeatureStore;
  /** Each drawing by a person in {@link HUMAN_VIEWS} places, all of the first view first. */
  readonly human: FeatureStore;
  close(): Promise<void>;
}

/** Paintings that lend their colours to drawn art. */
const PAINTINGS = 150;
/** Places in which each drawing by a person is seen. */
export const HUMAN_VIEWS = 2;
/** Edge of the pictures that the bundled style network was taught on. */
const STYLE_SIZE = 128;

/** Makes what is missing of pictures and features. A killed run goes on where it was; other data, seeds or trunks are kept
 *  apart. Close it after use. @throws {ImageError} for a picture that cannot be read. */
export async function openEyeData(options: EyeDataOptions): Promise<EyeData> {
  const { bundle, cache, seed, draws, session, onProgress } = options;
  await mkdir(cache, { recursive: true });
  const config = eyeConfigSchema.parse(bundle.manifest.config);
  const network = [...(await readBundleWeights(await readBundle(styleFolder)))].filter(([name]) =>
    name.startsWith('style.network.'),
  );
  const weights = new Map([...(await readBundleWeights(bundle)), ...network]);
  const corpus = eyeCorpus(options.datasets);
  const squares = await openSquares(corpus, config, cache);
  const plans = planDrawn(corpus, draws, seed);
  const paintings = await paintingsOf(corpus, squares.picture);
  const pool = createDrawPool({ paintings });
  const drawnPictures = await openPictureStore(join(cache, 'drawn'), {
    plan: canonicalJson({ format: 1, squares: squares.hash, plans }),
    count: plans.length,
    side: config.image.size,
    make: (index) => drawPlanned(plans[index] as DrawPlan, corpus, squares, pool),
  });
  const features = (
    name: string,
    count: number,
    plan: unknown,
    picture: (index: number) => Promise<RgbImage>,
  ) =>
    openFeatures({
      path: join(
        cache,
        `${name}-${hashContent(canonicalJson([bundle.hash, squares.hash, count, plan])).slice(0, 16)}`,
      ),
      count,
      picture,
      config,
      weights,
      styleSize: STYLE_SIZE,
      session,
      ...(options.signal ? { signal: options.signal } : {}),
      onProgress: (done, total) => onProgress(`features, ${name}`, done, total),
    });
  try {
    const photos = await features('photos', corpus.photos.length, null, (index) =>
      squares.picture(corpus.photos[index]?.picture ?? 0),
    );
    const drawn = await features('drawn', plans.length, plans, (index) => drawnPictures.picture(index));
    const { drawings } = corpus;
    const human = await features('human', HUMAN_VIEWS * drawings.length, seed, async (index) =>
      moved(await squares.picture(drawings[index % drawings.length]?.picture ?? 0), `${seed}:human:${index}`),
    );
    return {
      config,
      weights,
      corpus,
      plans,
      photos,
      drawn,
      human,
      close: async () => {
        await Promise.all([photos.close(), drawn.close(), human.close()]);
      },
    };
  } finally {
    await Promise.all([pool.close(), drawnPictures.close(), squares.close()]);
  }
}

/** The corpus's pictures as the tower reads them. */
async function openSquares(corpus: EyeCorpus, config: EyeConfig, cache: string) {
  const tower = eyeTunableImage(config);
  const stamps = await fileStamps(corpus.paths);
  const plan = canonicalJson({
    format: 1,
    size: tower.size,
    pictures: corpus.paths.map((path) => [path, stamps.get(path) ?? null]),
  });
  const store = await openPictureStore(join(cache, 'squares'), {
    plan,
    count: corpus.paths.length,
    side: tower.size,
    make: async (place) => tower.fit(await readImage(corpus.paths[place] ?? '')),
  });
  return { ...store, hash: hashContent(plan) };
}

async function paintingsOf(
  { drawings }: EyeCorpus,
  picture: (place: number) => Promise<RgbImage>,
): Promise<RgbImage[]> {
  const art = drawings.filter(({ style }) => style === 'art' || style === 'cartoon');
  const some = art.filter((_, index) => index % Math.max(1, Math.ceil(art.length / PAINTINGS)) === 0);
  return Promise.all(some.map((drawing) => picture(drawing.picture)));
}

/** No two hands place things alike; a mirrored drawing is one of the photo mirrored, which lies near it. */
function moved(picture: RgbImage, seed: string): RgbImage {
  const random = createRandom(seed);
  const turned = random.uniform() < 0.5 ? mirrored(picture) : picture;
  return warpQuery(turned, random, { amount: 0.7, paper: true });
}
