import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DEFAULT_TEMPERATURE,
  dot,
  featureRow,
  nearestCentre,
  styleWeights,
  writeStyleBundle,
} from '@freestyle/core/style-space';
import type { KeysetPage } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import type { VersionService } from '../version/service.js';
import { styleBundleOf } from './bundle-of.js';
import type { StyleCluster, StyleContentRepository } from './content-repository.js';
import { editsOf, readySpace, type StyleDrafts, wordsOf } from './drafts.js';
import type { DriftCounter } from './drift.js';
import type { StyleDrift } from './drift-repository.js';
import { buildStyleSpaceJob } from './job.js';
import { editsSchema, FEWEST_PICTURES, MAX_CLUSTERS, MOST_PICTURES, type PictureSource } from './options.js';
import { picturesOf, rowsShown, type Shown, type SpacePicture } from './picture-view.js';
import type { StyleSpace, StyleSpaceRepository, StyleSpaceVersion } from './repository.js';
import type { SpaceContents } from './space-content.js';

export interface BuildRequest {
  readonly datasetId: string;
  /** Null makes (or takes) the version that the dataset is now. */
  readonly versionId: string | null;
  readonly name: string | null;
  readonly source: PictureSource;
  /** Pictures at most; null for all that a space may have. */
  readonly most: number | null;
  /** Null takes the suggested number. */
  readonly k: number | null;
  readonly seed: number;
  readonly startedBy: string | null;
}

/** One style against the clusters of a space. */
export interface WeighedStyle {
  readonly space: StyleSpace;
  readonly weights: readonly {
    readonly key: string;
    readonly name: string;
    readonly colour: string;
    readonly weight: number;
  }[];
  /** Pictures of the space that look most alike, the nearest first. */
  readonly nearest: readonly SpacePicture[];
  /** Cosine to the nearest centre. */
  readonly cosine: number;
  readonly outside: boolean;
}

/** How many pictures went from one cluster to another between two versions; keys, null for none. */
export interface Flow {
  readonly from: string | null;
  readonly to: string | null;
  readonly count: number;
}

export interface StyleSpaceService {
  readonly drafts: StyleDrafts;
  byIds(ids: readonly string[]): Promise<StyleSpace[]>;
  /** @param datasetIds only spaces of these. */
  page(page: KeysetPage, datasetIds?: readonly string[] | null): Promise<StyleSpace[]>;
  count(datasetIds?: readonly string[] | null): Promise<number>;
  /** @throws {NotFoundError} @throws {ValidationError} @throws {ConflictError} for a dataset with too few pictures. */
  build(request: BuildRequest): Promise<{ readonly space: StyleSpace; readonly job: Job }>;
  rename(id: string, name: string): Promise<StyleSpace>;
  /** Searches are told by it from now on. */
  choose(id: string): Promise<StyleSpace>;
  chosen(): Promise<StyleSpace | null>;
  /** @throws {ConflictError} naming what uses it. */
  delete(id: string, by: string | null): Promise<void>;
  uses(id: string): Promise<string[]>;
  /** Others say here what of theirs uses a space, by name. */
  addUser(usesOf: (spaceId: string) => Promise<string[]>): void;
  list(): Promise<{ id: string; name: string; version: number; clusters: string[] }[]>;
  /** A style bundle of a version, for a training; the newest where none is named. Written once. */
  bundle(
    id: string,
    number: number | null,
  ): Promise<{
    readonly folder: string;
    readonly spaceId: string;
    readonly name: string;
    readonly version: number;
  }>;
  versions(id: string): Promise<StyleSpaceVersion[]>;
  version(id: string, number: number | null): Promise<StyleSpaceVersion | null>;
  clustersOf(versionIds: readonly string[]): Promise<StyleCluster[]>;
  /** What was edited to make a version, in words. */
  wordsOfVersion(version: StyleSpaceVersion): Promise<string[]>;
  flows(id: string, from: number, to: number): Promise<Flow[]>;
  pictures(id: string, number: number | null, rows: readonly number[]): Promise<SpacePicture[]>;
  shown(id: string, number: number, cluster: number, shown: Shown, first: number): Promise<SpacePicture[]>;
  weigh(gram: Float32Array): Promise<WeighedStyle | null>;
  drift(id: string, days: number): Promise<StyleDrift[]>;
  readonly work: SpaceContents;
}

export interface StyleSpaceServiceParts {
  readonly spaces: StyleSpaceRepository;
  readonly contents: StyleContentRepository;
  readonly work: SpaceContents;
  readonly drafts: StyleDrafts;
  readonly drift: DriftCounter;
  readonly datasets: DatasetService;
  readonly versions: VersionService;
  readonly jobs: JobService;
  readonly folderOf: (id: string) => string;
}

const MAX_NAME = 80;

export function createStyleSpaceService(parts: StyleSpaceServiceParts): StyleSpaceService {
  const { spaces, contents, work, drafts } = parts;
  const users: ((spaceId: string) => Promise<string[]>)[] = [];
  const uses = async (id: string) => (await Promise.all(users.map((of) => of(id)))).flat();
  const styles = async (id: string, number: number | null) => {
    const space = await readySpace(spaces, id);
    return { space, ...(await work.version(space, number ?? space.head)), content: await work.content(id) };
  };
  return {
    drafts,
    work,
    byIds: (ids) => spaces.byIds(ids.filter(isUuid)),
    page: (page, datasetIds = null) => spaces.page(datasetIds, page),
    count: (datasetIds = null) => spaces.count(datasetIds),
    build: (request) => build(parts, request),
    async rename(id, name) {
      const label = nameOf(name) ?? '';
      if (label === '') throw ValidationError.at(['name'], 'expected a name, got nothing');
      if (!isUuid(id) || (await spaces.byIds([id])).length === 0) throw new NotFoundError(NONE);
      return spaces.rename(id, label);
    },
    choose: async (id) => spaces.choose((await readySpace(spaces, id)).id),
    chosen: () => spaces.chosen(),
    async delete(id, by) {
      const [space] = isUuid(id) ? await spaces.byIds([id]) : [];
      if (space === undefined) throw new NotFoundError(NONE);
      const unsaved = (await drafts.ofSpace(id)).filter(
        (draft) => draft.madeBy !== by && editsOf(draft).length > 0,
      );
      const used = [
        ...(await uses(id)),
        ...unsaved.map(({ madeBy }) => `unsaved edits of ${madeBy ?? 'somebody'}`),
      ];
      if (used.length > 0)
        throw new ConflictError(`${space.name} cannot be deleted, it is used: ${used.join(', ')}.`);
      await spaces.delete(id);
      work.forget(id);
      await rm(parts.folderOf(id), { recursive: true, force: true });
    },
    uses,
    addUser: (usesOf) => void users.push(usesOf),
    list: () => list(parts),
    bundle: (id, number) => bundle(parts, id, number),
    versions: (id) => spaces.versions(id),
    async version(id, number) {
      if (number !== null) return spaces.version(id, number);
      const [space] = await spaces.byIds([id]);
      return space === undefined || space.head === 0 ? null : spaces.version(id, space.head);
    },
    clustersOf: (ids) => contents.clustersOf(ids),
    wordsOfVersion: ({ spaceId, parent, edits }) =>
      parent === null
        ? Promise.resolve([])
        : wordsOf({ spaces, work }, spaceId, parent, editsSchema.parse(edits)),
    async flows(id, from, to) {
      const [a, b] = await Promise.all([styles(id, from), styles(id, to)]);
      return flowsBetween(a.styles, b.styles);
    },
    async pictures(id, number, rows) {
      const { content, styles: at } = await styles(id, number);
      return picturesOf(content, at, rows);
    },
    async shown(id, number, cluster, shown, first) {
      const { content, styles: at } = await styles(id, number);
      return picturesOf(content, at, rowsShown(at, cluster, shown, first));
    },
    weigh: (gram) => weigh(parts, gram),
    drift: (id, days) => parts.drift.days(id, days),
  };
}

const NONE = 'There is no such style space.';

function nameOf(name: string | null): string | null {
  const label = name?.trim() || null;
  if (label !== null && label.length > MAX_NAME)
    throw ValidationError.at(['name'], `expected at most ${MAX_NAME} characters, got ${label.length}`);
  if (label !== null) checkStorable(label, ['name']);
  return label;
}

async function build(parts: StyleSpaceServiceParts, request: BuildRequest) {
  const { spaces, datasets, versions, jobs } = parts;
  const { source, most, k, seed } = request;
  const label = nameOf(request.name);
  whole('k', k, 1, MAX_CLUSTERS);
  whole('most', most, FEWEST_PICTURES, MOST_PICTURES);
  whole('seed', seed, 0, 2 ** 31 - 1);
  const [dataset] = isUuid(request.datasetId) ? await datasets.byIds([request.datasetId]) : [];
  if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
  const version =
    request.versionId === null
      ? (await versions.create(dataset.id, null)).version
      : (await versions.byIds([request.versionId]))[0];
  if (version?.datasetId !== dataset.id) throw new NotFoundError('The dataset has no such version.');
  const { photos, queries } = await spaces.countPictures(version.id);
  const all = (source === 'QUERIES' ? 0 : photos) + (source === 'PHOTOS' ? 0 : queries);
  const taken = Math.min(all, most ?? MOST_PICTURES);
  if (taken < FEWEST_PICTURES) {
    throw new ConflictError(
      `Version ${version.number} of ${dataset.name} has ${all === 1 ? 'one such picture' : `${all} such pictures`}: a style space needs at least ${FEWEST_PICTURES}.`,
    );
  }
  if (k !== null && k > taken)
    throw ValidationError.at(
      ['k'],
      `${k} clusters were asked for from ${taken} pictures; expected at most ${taken}`,
    );
  const space = await spaces.create({
    name: label ?? `Styles of ${dataset.name}`,
    datasetId: dataset.id,
    versionId: version.id,
    datasetName: dataset.name,
    versionNumber: version.number,
    versionHash: version.contentHash,
    source,
    most: all > MOST_PICTURES || most !== null ? taken : null,
    requestedK: k,
    seed,
    startedBy: request.startedBy,
  });
  const job = await jobs.enqueue(buildStyleSpaceJob, {
    payload: { spaceId: space.id },
    datasetId: dataset.id,
    startedBy: request.startedBy,
  });
  return { space: await spaces.setJob(space.id, job.id), job };
}

function whole(name: string, value: number | null, from: number, to: number): void {
  if (value !== null && (!Number.isInteger(value) || value < from || value > to))
    throw ValidationError.at([name], `expected a whole number from ${from} to ${to}, got ${value}`);
}

async function list({ spaces, contents }: StyleSpaceServiceParts) {
  const ready = await spaces.ready();
  const heads = await Promise.all(ready.map(({ id, head }) => spaces.version(id, head)));
  const clusters = await contents.clustersOf(heads.flatMap((head) => head?.id ?? []));
  return ready.map(({ id, name, head }, at) => ({
    id,
    name,
    version: head,
    clusters: clusters.filter(({ versionId }) => versionId === heads[at]?.id).map((one) => one.name),
  }));
}

async function bundle({ spaces, work, folderOf }: StyleSpaceServiceParts, id: string, number: number | null) {
  const space = await readySpace(spaces, id);
  const version = number ?? space.head;
  const { styles } = await work.version(space, version);
  const folder = join(folderOf(id), 'bundles', `v${version}`);
  const name = `${space.name} v${version}`;
  const there = await access(join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
  if (!there) {
    await writeStyleBundle(folder, {
      name,
      style: await styleBundleOf(styles),
      training: {
        styleSpace: id,
        version,
        data: `${space.datasetName} v${space.versionNumber}`,
        seed: space.seed,
      },
    });
  }
  return { folder, spaceId: id, name, version };
}

const NEAREST = 5;

async function weigh(
  { spaces, work }: StyleSpaceServiceParts,
  gram: Float32Array,
): Promise<WeighedStyle | null> {
  const space = await spaces.chosen();
  if (space === null) return null;
  const [{ styles }, content] = await Promise.all([work.version(space, space.head), work.content(space.id)]);
  const centres = styles.clusters.map(({ centre }) => centre);
  if (centres[0]?.length !== gram.length) return null;
  const { cosine } = nearestCentre(centres, gram);
  const weights = styleWeights(centres, gram, DEFAULT_TEMPERATURE);
  const cosines = Float32Array.from(content.pictures, (_, row) =>
    dot(featureRow(content.features, row), gram),
  );
  const rows = [...cosines.keys()]
    .sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0) || a - b)
    .slice(0, NEAREST);
  return {
    space,
    weights: styles.clusters.map(({ key, name, colour }, at) => ({
      key,
      name,
      colour,
      weight: weights[at] ?? 0,
    })),
    nearest: picturesOf(content, styles, rows),
    cosine,
    outside: cosine < styles.knownCosine,
  };
}

type Labelled = Awaited<ReturnType<SpaceContents['edited']>>;

function flowsBetween(a: Labelled, b: Labelled): Flow[] {
  const counts = new Map<string, Flow>();
  for (let row = 0; row < a.labels.length; row++) {
    const from = a.clusters[a.labels[row] ?? -1]?.key ?? null;
    const to = b.clusters[b.labels[row] ?? -1]?.key ?? null;
    const name = `${from}→${to}`;
    counts.set(name, { from, to, count: (counts.get(name)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((x, y) => y.count - x.count);
}

/** Pictures whose cluster is another one than before. */
export const movedCount = (flows: readonly Flow[]): number =>
  flows.reduce((sum, { from, to, count }) => sum + (from === to ? 0 : count), 0);
