import { makeThumbnail, styleMakers } from '@freestyle/core';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { Dataset } from '../dataset/repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import { checkFilter, type ImageFilter } from '../photo/filter.js';
import type { Image } from '../photo/repository.js';
import { buildJob } from './job.js';
import type { BuildRepository } from './repository.js';
import type { StyleWorkers } from './style-workers.js';
import { type MakerChoice, requestsOf, type WantedVersion, wantedVersions } from './wanted-versions.js';

/** A maker of query pictures, as people choose it. */
export interface StyleMakerInfo {
  readonly name: string;
  readonly style: string;
  readonly title: string;
  readonly description: string;
  readonly hasStrength: boolean;
}

export interface PreviewRequest {
  readonly datasetId: string;
  readonly makers: readonly MakerChoice[];
  /** Photos to show it on; without any, some of the dataset. */
  readonly imageIds: readonly string[] | null;
  readonly seed: number | null;
}

export interface PreviewVersion {
  readonly maker: string;
  readonly strength: number | null;
  /** The picture itself, as a data URL. */
  readonly url: string;
}

export interface BuildPreview {
  readonly image: Image;
  readonly versions: readonly PreviewVersion[];
}

export interface BuildRequest {
  readonly datasetId: string;
  /** Photos to make them of; without it, all that are not deleted. */
  readonly filter?: ImageFilter | null | undefined;
  readonly makers: readonly MakerChoice[];
  readonly seed: number | null;
  readonly startedBy?: string | null | undefined;
}

export interface BuildService {
  makers(): StyleMakerInfo[];
  /** Versions exactly as a build would make them. @throws {NotFoundError} @throws {ValidationError} */
  preview(request: PreviewRequest): Promise<BuildPreview[]>;
  /** Begins a build, or finds the same one still at it; another one waits its turn.
   *  @throws {NotFoundError} @throws {ValidationError} */
  start(request: BuildRequest): Promise<Job>;
}

export interface BuildServiceParts {
  readonly datasets: DatasetService;
  readonly jobs: JobService;
  readonly builds: BuildRepository;
  readonly blobs: BlobStore;
  readonly workers: StyleWorkers;
}

const PREVIEW_PHOTOS = 6;
// Somebody waits for it, at up to a second a picture.
const MAX_PREVIEWS = 96;
// Wide enough for a card of the dashboard on a dense screen; a tenth of the picture's bytes.
const PREVIEW_SIDE = 320;

export function createBuildService(parts: BuildServiceParts): BuildService {
  return {
    makers: () =>
      Object.entries(styleMakers).map(([name, { style, title, kind, hasStrength }]) => ({
        name,
        style,
        title,
        description: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}.`,
        hasStrength,
      })),
    preview: (request) => preview(parts, request),
    start: (request) => start(parts, request),
  };
}

async function preview(parts: BuildServiceParts, request: PreviewRequest): Promise<BuildPreview[]> {
  const versions = wantedVersions(request.makers);
  const dataset = await required(parts.datasets, request.datasetId);
  const photos = await previewPhotos(parts.builds, dataset.id, request.imageIds);
  if (photos.length * versions.length > MAX_PREVIEWS) {
    throw ValidationError.at(
      ['makers'],
      `expected at most ${MAX_PREVIEWS} pictures in a preview, got ${photos.length * versions.length}; ` +
        'choose fewer photos or fewer versions',
    );
  }
  const seed = checkedSeed(request.seed);
  return Promise.all(photos.map((image) => previewOf(parts, image, versions, seed)));
}

async function previewPhotos(
  builds: BuildRepository,
  datasetId: string,
  imageIds: readonly string[] | null,
): Promise<Image[]> {
  if (imageIds === null || imageIds.length === 0) return builds.samplePhotos(datasetId, PREVIEW_PHOTOS);
  const wanted = [...new Set(imageIds)];
  const found = await builds.photosByIds(datasetId, wanted.filter(isUuid));
  return wanted.map((id, index) => {
    const image = found.find((one) => one.id === id);
    if (image === undefined) {
      throw ValidationError.at(['imageIds', String(index)], 'this is no photo of the dataset');
    }
    return image;
  });
}

async function previewOf(
  { blobs, workers }: BuildServiceParts,
  image: Image,
  versions: readonly WantedVersion[],
  seed: number,
): Promise<BuildPreview> {
  const photo = await blobs.read(image.contentHash);
  if (photo === null) throw new NotFoundError(`The file of ${image.fileName} is not in the store any more.`);
  const made = await workers.make({ photo, requests: requestsOf(image, versions, seed), urgent: true });
  const urls = await Promise.all(
    made.map(async ({ bytes }) => dataUrl(await makeThumbnail(bytes, PREVIEW_SIDE))),
  );
  return {
    image,
    versions: versions.map(({ maker, strength }, i) => ({ maker, strength, url: urls[i] ?? '' })),
  };
}

const dataUrl = (webp: Uint8Array): string =>
  `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`;

async function start({ datasets, jobs }: BuildServiceParts, request: BuildRequest): Promise<Job> {
  const versions = wantedVersions(request.makers);
  const dataset = await required(datasets, request.datasetId);
  const filter = checkFilter(request.filter);
  const payload = { versions, seed: checkedSeed(request.seed), filter: { ...filter } };
  return jobs.enqueue(buildJob, { payload, datasetId: dataset.id, startedBy: request.startedBy });
}

async function required(datasets: DatasetService, id: string): Promise<Dataset> {
  const [dataset] = await datasets.byIds([id]);
  if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
  return dataset;
}

function checkedSeed(seed: number | null): number {
  if (seed !== null && seed < 0)
    throw ValidationError.at(['seed'], `expected a whole number from 0, got ${seed}`);
  return seed ?? 0;
}
