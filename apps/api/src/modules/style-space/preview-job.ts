import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, type HubOptions } from '@freestyle/core';
import { z } from 'zod';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { runInCompute } from '../../platform/jobs/run-in-compute.js';
import { styleBundleOf } from './bundle-of.js';
import type { StyleDraftRepository } from './draft-repository.js';
import { allPictures, type ListedPicture, type ListParts } from './list-pictures.js';
import { editsSchema, effectSchema, type StyleEffect } from './options.js';
import type { PreviewInput, PreviewOutput } from './preview-compute.js';
import type { StyleSpaceRepository } from './repository.js';
import type { SpaceContents } from './space-content.js';

/** What opens the model that answers searches. */
export interface OpenedBy {
  readonly model: string;
  /** Folder of the query tower's bundle that goes on it. */
  readonly query: string | null;
  readonly name: string;
  readonly spaceHash: string;
}

export interface PreviewStyleEditParts {
  readonly styleSpaces: StyleSpaceRepository;
  readonly styleDrafts: StyleDraftRepository;
  readonly styleWork: SpaceContents;
  readonly stylePictures: ListParts;
  readonly styleFolder: (id: string) => string;
  /** The model whose recall is measured: what opens it, and vectors of photos in its space. */
  readonly styleModel: {
    readonly hub: HubOptions;
    open(): Promise<OpenedBy>;
    vectors(imageIds: readonly string[]): Promise<(Float32Array | null)[]>;
  };
}

/** The split that effects are measured on. */
const SPLIT = 'val';
/** Queries of each style at most: the interval is then a few points wide, and it takes a minute, not ten. */
const PER_STYLE = 150;
const VECTORS_AT_ONCE = 200;

/** Measures what edits of a style space do to recall. */
export const previewStyleEditJob = defineJobKind({
  name: 'PREVIEW_STYLE_EDIT',
  summary: 'Measures what edits of a style space do to recall by style.',
  lane: 'compute',
  payload: z.object({ draftId: z.uuid(), revision: z.number().int() }),
  describe: () => 'Measure the effect of style edits',
  unit: 'queries',
  resume: 'Measures again from the beginning.',
  async run(run, parts: PreviewStyleEditParts) {
    const [draft] = await parts.styleDrafts.byIds([run.payload.draftId]);
    const [space] = draft === undefined ? [] : await parts.styleSpaces.byIds([draft.spaceId]);
    if (draft === undefined || space === undefined || draft.revision !== run.payload.revision)
      return { message: 'The edits were changed meanwhile; nothing was measured.' };
    if (space.datasetId === null || space.versionId === null)
      throw new JobFailure('The dataset was deleted: there is nothing to measure on.');
    const before = await parts.styleWork.edited(space, draft.base, []);
    const after = await parts.styleWork.edited(space, draft.base, editsSchema.parse(draft.edits));
    const subject = { datasetId: space.datasetId, versionId: space.versionId };
    const chosen = choose(await allPictures(parts.stylePictures, subject, 'BOTH'), space.seed);
    if (chosen.queries.length === 0)
      throw new JobFailure(
        'The dataset has no query picture that names its photo: recall cannot be measured.',
      );
    const folder = join(parts.styleFolder(space.id), 'previews', draft.id);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pictures.json'), JSON.stringify(chosen));
    const model = await parts.styleModel.open();
    const input: PreviewInput = {
      folder,
      model,
      hub: parts.styleModel.hub,
      gallery: await galleryVectors(parts, chosen.photos, run.signal),
      before: await styleBundleOf(before),
      after: await styleBundleOf(after),
      keysBefore: before.clusters.map(({ key }) => key),
      keysAfter: after.clusters.map(({ key }) => key),
    };
    const measured = await runInCompute<PreviewInput, PreviewOutput>(
      run,
      'modules/style-space/preview-compute',
      input,
    );
    const effect: StyleEffect = effectSchema.parse({
      ...measured,
      revision: draft.revision,
      encoder: model.name,
      split: chosen.split,
    });
    await parts.styleDrafts.setEffect(draft.id, effect);
    return { message: `${effect.changed} of ${chosen.queries.length} queries change cluster.` };
  },
});

/** Queries that name a photo of the gallery, at most so many of each style; of the split `val` where there is one. */
function choose(pictures: readonly ListedPicture[], seed: number) {
  const has = pictures.some(({ isQuery, split }) => isQuery && split === SPLIT);
  const wanted = has ? pictures.filter(({ split }) => split === SPLIT) : pictures;
  const photos = wanted.filter(({ isQuery, path }) => !isQuery && path !== null);
  const ids = new Set(photos.map(({ itemId }) => itemId));
  const random = createRandom(`preview ${seed}`);
  const byStyle = new Map<string, ListedPicture[]>();
  for (const query of wanted) {
    if (!query.isQuery || query.path === null || query.targetId === null || !ids.has(query.targetId))
      continue;
    const style = query.style ?? '';
    byStyle.set(style, [...(byStyle.get(style) ?? []), query]);
  }
  const queries = [...byStyle].flatMap(([style, all]) => random.fork(style).shuffle(all).slice(0, PER_STYLE));
  return { photos, queries, split: has ? SPLIT : null };
}

async function galleryVectors(
  { styleModel }: PreviewStyleEditParts,
  photos: readonly ListedPicture[],
  signal: AbortSignal,
): Promise<(Float32Array | null)[]> {
  const vectors: (Float32Array | null)[] = [];
  for (let from = 0; from < photos.length; from += VECTORS_AT_ONCE) {
    signal.throwIfAborted();
    const ids = photos.slice(from, from + VECTORS_AT_ONCE).map(({ itemId }) => itemId);
    vectors.push(...(await styleModel.vectors(ids)));
  }
  return vectors;
}
