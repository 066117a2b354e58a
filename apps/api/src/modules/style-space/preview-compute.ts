import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeImage,
  type EmbeddingModel,
  type HubOptions,
  loadModel,
  openModelHub,
  type RgbImage,
  trimPaper,
} from '@freestyle/core';
import { pairedDifference } from '@freestyle/core/evaluation';
import type { StyleBundle } from '@freestyle/core/models';
import { dot, nearestCentre } from '@freestyle/core/style-space';
import type { ComputeRun, ComputeTask } from '../../platform/jobs/compute-task.js';
import type { ListedPicture } from './list-pictures.js';
import type { StyleEffect } from './options.js';

export interface PreviewInput {
  /** `pictures.json` lies here: photos and queries. */
  readonly folder: string;
  readonly model: { readonly model: string; readonly query: string | null; readonly spaceHash: string };
  readonly hub: HubOptions;
  /** Vectors of the photos in that space, in order; null for those without. */
  readonly gallery: readonly (Float32Array | null)[];
  readonly before: StyleBundle;
  readonly after: StyleBundle;
  readonly keysBefore: readonly string[];
  readonly keysAfter: readonly string[];
}

export type PreviewOutput = Pick<StyleEffect, 'gallery' | 'changed' | 'styles'>;

interface Listed {
  readonly photos: readonly ListedPicture[];
  readonly queries: readonly ListedPicture[];
}

/** What the query tower makes of one query over one style space. */
interface Answer {
  readonly rank: number;
  readonly cluster: string | undefined;
}

/** Recall of the live query tower over the clusters as they were and as they are to be, before any training: which photo
 *  comes first for each query, over the gallery's vectors. */
export const compute: ComputeTask<PreviewInput, PreviewOutput> = async (input, run) => {
  const { photos, queries } = JSON.parse(
    await readFile(join(input.folder, 'pictures.json'), 'utf8'),
  ) as Listed;
  const before = await answer(input, input.before, input.keysBefore, { photos, queries }, run, 0);
  const after = await answer(input, input.after, input.keysAfter, { photos, queries }, run, queries.length);
  const read = queries.flatMap((query, at) => {
    const [a, b] = [before[at], after[at]];
    return a && b ? [{ query, a, b }] : [];
  });
  const styles = [...new Set(queries.map(({ style }) => style ?? ''))].sort();
  return {
    gallery: photos.length,
    changed: read.filter(({ a, b }) => a.cluster !== b.cluster).length,
    styles: styles.flatMap((style) => {
      const own = read.filter(({ query }) => (query.style ?? '') === style);
      return own.length === 0 ? [] : [figuresOf(style, own)];
    }),
  };
};

function figuresOf(
  style: string,
  own: readonly { readonly query: ListedPicture; readonly a: Answer; readonly b: Answer }[],
): PreviewOutput['styles'][number] {
  const hits = (side: 'a' | 'b', at: number) => own.map((one) => (one[side].rank <= at ? 1 : 0));
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [a, b] = [hits('a', 1), hits('b', 1)];
  const {
    ci95: [low, high],
    p,
  } = pairedDifference(
    [{ clusters: own.map(({ query }) => query.targetId ?? ''), weights: own.map(() => 1), a: [a], b: [b] }],
    { seed: `preview ${style}`, permutations: 2000, trained: [false, false] },
  );
  return {
    style,
    queries: own.length,
    changed: own.filter((one) => one.a.cluster !== one.b.cluster).length,
    before: mean(a),
    after: mean(b),
    ...{ low, high, p },
    before10: mean(hits('a', 10)),
    after10: mean(hits('b', 10)),
  };
}

const BATCH = 16;

async function answer(
  input: PreviewInput,
  style: StyleBundle,
  keys: readonly string[],
  { photos, queries }: Listed,
  run: ComputeRun,
  doneBefore: number,
): Promise<(Answer | null)[]> {
  const hub = openModelHub(input.hub);
  const { model: name, query } = input.model;
  const model = await loadModel(name, {
    ...{ hub, threads: run.threads, style },
    ...(query !== null && { query }),
  }).finally(() => hub.close());
  try {
    const gallery = await galleryOf(input, model, photos, run);
    const index = new Map(photos.map(({ itemId }, at) => [itemId, at]));
    const centres = centresOf(style);
    const answers: (Answer | null)[] = [];
    for (let from = 0; from < queries.length; from += BATCH) {
      run.signal.throwIfAborted();
      const batch = queries.slice(from, from + BATCH);
      const images = await Promise.all(batch.map((query) => read(query, run)));
      const readable = images.filter((image) => image !== null);
      const seen =
        readable.length === 0 ? [] : await model.encodeQueries(readable.map((image) => trimPaper(image)));
      let next = 0;
      for (const [at, image] of images.entries()) {
        const found = image === null ? undefined : seen[next++];
        const target = index.get(batch[at]?.targetId ?? '') ?? -1;
        if (found === undefined) answers.push(null);
        else {
          const gram = found.style?.gram;
          const cluster = gram === undefined ? undefined : keys[nearestCentre(centres, gram).cluster];
          answers.push({ rank: rankOf(found.vector, gallery, target), cluster });
        }
      }
      await run.progress(doneBefore + from + batch.length, 2 * queries.length);
    }
    return answers;
  } finally {
    await model.close();
  }
}

function centresOf({ weights, clusters }: StyleBundle): Float32Array[] {
  const data = weights.get('style.centres')?.data ?? new Float32Array();
  const width = data.length / Math.max(1, clusters.length);
  return clusters.map((_, at) => data.slice(at * width, (at + 1) * width));
}

/** Vectors of the database where they are of this model's space; else the photos are encoded here. */
async function galleryOf(
  { gallery, model: { spaceHash } }: PreviewInput,
  model: EmbeddingModel,
  photos: readonly ListedPicture[],
  run: ComputeRun,
): Promise<(Float32Array | null)[]> {
  const same = model.spaceHash === spaceHash;
  const vectors: (Float32Array | null)[] = [];
  for (let from = 0; from < photos.length; from += BATCH) {
    run.signal.throwIfAborted();
    const batch = photos.slice(from, from + BATCH);
    const known = batch.map((_, at) => (same ? (gallery[from + at] ?? null) : null));
    const missing = await Promise.all(
      batch.map((photo, at) => (known[at] === null ? read(photo, run) : null)),
    );
    const images = missing.filter((image) => image !== null);
    const made = images.length === 0 ? [] : await model.encodeImages(images);
    let next = 0;
    for (const [at, one] of known.entries())
      vectors.push(one ?? (missing[at] === null ? null : (made[next++] ?? null)));
  }
  return vectors;
}

/** Rank of the photo that is meant, ties decided against it. */
function rankOf(query: Float32Array, gallery: readonly (Float32Array | null)[], target: number): number {
  const wanted = gallery[target];
  if (!wanted) return Number.POSITIVE_INFINITY;
  const score = dot(query, wanted);
  let rank = 1;
  for (const [at, vector] of gallery.entries())
    if (at !== target && vector !== null && dot(query, vector) >= score) rank++;
  return rank;
}

async function read({ path, itemId }: ListedPicture, run: ComputeRun): Promise<RgbImage | null> {
  try {
    return path === null ? null : await decodeImage(await readFile(path));
  } catch (error) {
    run.log(`${itemId} is in no figure: ${error instanceof Error ? error.message : String(error)}`, 'warn');
    return null;
  }
}
