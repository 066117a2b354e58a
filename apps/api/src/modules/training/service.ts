import { rm } from 'node:fs/promises';
import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import type { ModelRegistry } from '../model/registry.js';
import type { RegisteredModel } from '../model/repository.js';
import type { ModelService } from '../model/service.js';
import type { VersionService } from '../version/service.js';
import { measureJob, trainJob } from './job.js';
import { keptStyleSpace } from './kept-style-space.js';
import type { TrainingMetric, TrainingRepository, TrainingRun } from './repository.js';
import { DEFAULT_SETTINGS, rounds, type TrainingSettings, trainingSettings } from './settings.js';

export interface TrainingRequest {
  readonly name: string | null;
  readonly datasetId: string;
  /** Null makes (or takes) the version that the dataset is now. */
  readonly versionId: string | null;
  /** Null takes that of the space that is searched. */
  readonly backboneId: string | null;
  /** Null takes the style space that comes with the product. */
  readonly styleSpace: { readonly id: string; readonly version: number | null } | null;
  readonly settings: Partial<Record<keyof TrainingSettings, unknown>>;
  readonly startedBy: string | null;
}

/** One curve. */
export interface Series {
  readonly name: string;
  /** Whether training saw that style; null for what is no style. */
  readonly seen: boolean | null;
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

export interface TrainingService {
  byIds(ids: readonly string[]): Promise<TrainingRun[]>;
  page(page: KeysetPage): Promise<TrainingRun[]>;
  count(): Promise<number>;
  /** @throws {NotFoundError} @throws {ValidationError} @throws {ConflictError} */
  start(request: TrainingRequest): Promise<{ readonly run: TrainingRun; readonly job: Job }>;
  /** Takes a few real steps to tell how long a training would take. @param minutes to fit into, instead of its steps. */
  estimate(request: TrainingRequest, minutes: number | null): Promise<Job>;
  /** A run that failed goes on from its checkpoint. @throws {NotFoundError} @throws {ConflictError} */
  goOn(id: string): Promise<Job>;
  /** @param most points of each curve. */
  series(id: string, most: number): Promise<Series[]>;
  /** @throws {NotFoundError} @throws {ConflictError} while it is at work. */
  delete(id: string): Promise<void>;
}

export interface TrainingServiceParts {
  readonly trainings: TrainingRepository;
  readonly datasets: DatasetService;
  readonly versions: VersionService;
  readonly jobs: JobService;
  readonly registry: ModelRegistry;
  readonly models: ModelService;
  /** Writes the bundle of a style space, or finds it. @throws {NotFoundError} @throws {ConflictError} */
  styleBundle(
    id: string,
    version: number | null,
  ): Promise<{ readonly spaceId: string; readonly name: string; readonly version: number }>;
  readonly runFolder: (id: string) => string;
}

const MAX_NAME = 120;

export function createTrainingService(parts: TrainingServiceParts): TrainingService {
  const { trainings, jobs } = parts;
  return {
    byIds: (ids) => trainings.byIds(ids.filter(isUuid)),
    page: (page) => trainings.page(page),
    count: () => trainings.count(),
    async start(request) {
      const asked = await checkRequest(parts, request);
      const { dataset, version, backbone, styleSpace, settings } = asked;
      const name =
        checkName(request.name) ??
        `${backbone.name} ${settings.method} on ${dataset.name} v${version.number}`;
      const run = await trainings.create({
        ...{ name, settings, styleSpace, startedBy: request.startedBy },
        datasetId: dataset.id,
        versionId: version.id,
        datasetName: dataset.name,
        versionNumber: version.number,
        versionHash: version.contentHash,
        backboneId: backbone.id,
        steps: rounds(settings).steps,
      });
      const job = await jobs.enqueue(trainJob, {
        payload: { runId: run.id, name },
        datasetId: dataset.id,
        startedBy: request.startedBy,
      });
      return { run: await trainings.setJob(run.id, job.id), job };
    },
    async estimate(request, minutes) {
      if (minutes !== null && !(minutes > 0 && minutes <= 100_000))
        throw ValidationError.at(['minutes'], `expected more than 0 minutes, got ${minutes}`);
      const { dataset, version, backbone, styleSpace, settings } = await checkRequest(parts, request);
      return jobs.enqueue(measureJob, {
        payload: {
          ...{ datasetId: dataset.id, versionId: version.id, datasetName: dataset.name },
          ...{ backboneId: backbone.id, styleSpace, settings, minutes },
        },
        datasetId: dataset.id,
        startedBy: request.startedBy,
      });
    },
    async goOn(id) {
      const run = await required(trainings, id);
      const [job] = run.jobId === null ? [] : await jobs.byIds([run.jobId]);
      if (job === undefined) throw new NotFoundError('The work of this run is not known any more.');
      if (job.state === 'SUCCEEDED')
        throw new ConflictError('This run is over: its encoder is in the registry.');
      return jobs.again(job.id, async () => 0);
    },
    series: async (id, most) => seriesOf(await trainings.metrics(id), most),
    async delete(id) {
      const run = await required(trainings, id);
      const [job] = run.jobId === null ? [] : await jobs.byIds([run.jobId]);
      if (job !== undefined && job.finishedAt === null)
        throw new ConflictError('This run is at work or waits: cancel it first.');
      await trainings.delete(run.id);
      await rm(parts.runFolder(run.id), { recursive: true, force: true });
    },
  };
}

async function required(trainings: TrainingRepository, id: string): Promise<TrainingRun> {
  const [run] = isUuid(id) ? await trainings.byIds([id]) : [];
  if (run === undefined) throw new NotFoundError('There is no such training.');
  return run;
}

function checkName(given: string | null): string | null {
  const name = given?.trim() || null;
  if (name !== null && name.length > MAX_NAME)
    throw ValidationError.at(['name'], `expected at most ${MAX_NAME} characters, got ${name.length}`);
  return name;
}

async function checkRequest(parts: TrainingServiceParts, request: TrainingRequest) {
  const { datasets, versions } = parts;
  const given = Object.fromEntries(
    Object.entries(request.settings).filter(([, value]) => value !== null && value !== undefined),
  );
  const settings = trainingSettings.safeParse({ ...DEFAULT_SETTINGS, ...given });
  if (!settings.success) {
    const [issue] = settings.error.issues;
    throw ValidationError.at((issue?.path ?? []).map(String), issue?.message ?? 'not readable');
  }
  const [dataset] = isUuid(request.datasetId) ? await datasets.byIds([request.datasetId]) : [];
  if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
  const version =
    request.versionId === null
      ? (await versions.create(dataset.id, null)).version
      : (await versions.byIds([request.versionId]))[0];
  if (version?.datasetId !== dataset.id) throw new NotFoundError('The dataset has no such version.');
  const backbone = await backboneOf(parts, request.backboneId);
  const wanted = request.styleSpace;
  const bundle = wanted === null ? null : await parts.styleBundle(wanted.id, wanted.version);
  return {
    ...{ dataset, version, backbone, settings: settings.data },
    styleSpace: bundle === null ? null : keptStyleSpace(bundle),
  };
}

async function backboneOf(
  { registry, models }: TrainingServiceParts,
  id: string | null,
): Promise<RegisteredModel> {
  const found =
    id === null
      ? await registry.backbone(models.require().model.spaceHash)
      : (await registry.byIds([id].filter(isUuid)))[0];
  if (found === undefined || found === null) throw new NotFoundError('There is no such backbone.');
  if (found.kind !== 'BACKBONE')
    throw new ConflictError(`${found.name} is a query encoder: name the backbone that it stands on.`);
  // Told now rather than by a job that fails.
  await models.place(found);
  return found;
}

function seriesOf(metrics: readonly TrainingMetric[], most: number): Series[] {
  const groups = new Map<string, TrainingMetric[]>();
  for (const metric of metrics) groups.set(metric.series, [...(groups.get(metric.series) ?? []), metric]);
  return [...groups].map(([name, all]) => {
    const every = Math.ceil(all.length / most);
    const kept = all.filter((_, i) => i % every === 0 || i === all.length - 1);
    return {
      name,
      seen: all[0]?.seen ?? null,
      points: kept.map(({ step, value }) => ({ step, value })),
    };
  });
}
