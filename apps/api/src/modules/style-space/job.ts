import { mkdir } from 'node:fs/promises';
import { JobFailure } from '../../platform/jobs/job-errors.js';
import { defineJobKind } from '../../platform/jobs/job-kind.js';
import { runInCompute } from '../../platform/jobs/run-in-compute.js';
import { type BuildInput, type BuildOutput, fitSteps } from './compute.js';
import type { BuiltSpace, StyleContentRepository } from './content-repository.js';
import { encodeMeaning, type MeaningParts } from './encode-meaning.js';
import { type ListedPicture, type ListParts, listPictures } from './list-pictures.js';
import { buildPayload, FEWEST_PICTURES, type PictureSource } from './options.js';
import type { StyleSpaceRepository } from './repository.js';
import { newVersionOf } from './version-of.js';

export interface BuildStyleSpaceParts {
  readonly styleSpaces: StyleSpaceRepository;
  readonly styleContent: StyleContentRepository;
  readonly stylePictures: ListParts;
  readonly styleMeaning: MeaningParts;
  /** Where a space keeps what it is built from. */
  readonly styleFolder: (id: string) => string;
  /** Held by tests before a batch of pictures. */
  readonly styleGate?: { pass(signal: AbortSignal): Promise<void> } | undefined;
}

/** Finds clusters of styles in the pictures of a dataset version. */
export const buildStyleSpaceJob = defineJobKind({
  name: 'BUILD_STYLE_SPACE',
  summary: 'Finds clusters of styles in the pictures of a dataset version.',
  lane: 'compute',
  payload: buildPayload,
  describe: () => 'Build a style space',
  unit: 'steps',
  resume: 'Goes on with the pictures that have no style feature yet.',
  async run(run, parts: BuildStyleSpaceParts) {
    const [space] = await parts.styleSpaces.byIds([run.payload.spaceId]);
    if (space === undefined) throw new JobFailure('The style space was deleted.');
    if (space.datasetId === null || space.versionId === null)
      throw new JobFailure('The dataset of this style space was deleted before it was built.');
    const folder = parts.styleFolder(space.id);
    await mkdir(folder, { recursive: true });
    const subject = { datasetId: space.datasetId, versionId: space.versionId };
    const { most, seed, requestedK } = space;
    const asked = { source: space.source as PictureSource, most, seed };
    const pictures = await listPictures(parts.stylePictures, subject, asked, folder);
    const least = Math.max(FEWEST_PICTURES, requestedK ?? 0);
    if (pictures.length < least)
      throw new JobFailure(
        `A style space of this kind needs at least ${least} pictures, got ${pictures.length}.`,
      );
    await run.say('Placing the pictures by meaning');
    const total = 2 * pictures.length + fitSteps(pictures.length);
    const meaning = await encodeMeaning(parts.styleMeaning, pictures, folder, {
      signal: run.signal,
      beforeBatch: () => parts.styleGate?.pass(run.signal),
      onProgress: (done) => run.progress(done, total),
      onBroken: ({ itemId }, error) => run.log(`picture ${itemId} is left out: ${error.message}`, 'warn'),
    });
    await run.say('Reading the styles');
    const input: BuildInput = { folder, meaning, requestedK, seed };
    const output = await runInCompute<BuildInput, BuildOutput>(run, 'modules/style-space/compute', input);
    await run.say('Keeping what was found');
    await parts.styleContent.finish(
      { jobId: run.id, owner: run.owner },
      space.id,
      builtSpace(pictures, output, meaning.modelName, space.startedBy),
    );
    const { clusters } = output.styles;
    const left = pictures.length - output.kept.length;
    return {
      message: `${clusters.length} clusters of ${output.kept.length} pictures${left > 0 ? `; ${left} could not be read, the log names them` : ''}.`,
      result: { spaceId: space.id, clusters: clusters.length, pictures: output.kept.length },
    };
  },
});

function builtSpace(
  pictures: readonly ListedPicture[],
  output: BuildOutput,
  modelName: string,
  madeBy: string | null,
): BuiltSpace {
  const { kept, features, styles, evidence, styleMap, meaningMap, extractorHash } = output;
  const rows = Array.from(kept, (at, ordinal) => {
    const { path: _path, ...picture } = pictures[at] as ListedPicture;
    return {
      ...picture,
      ordinal,
      feature: features.data.slice(ordinal * features.columns, (ordinal + 1) * features.columns),
      styleX: styleMap[2 * ordinal] ?? 0,
      styleY: styleMap[2 * ordinal + 1] ?? 0,
      meaningX: meaningMap[2 * ordinal] ?? 0,
      meaningY: meaningMap[2 * ordinal + 1] ?? 0,
    };
  });
  const { knownCosine } = styles;
  const version = newVersionOf(styles, rows, { number: 1, parent: null, edits: [], effect: null, madeBy });
  return { extractorHash, modelName, knownCosine, evidence, pictures: rows, version };
}
