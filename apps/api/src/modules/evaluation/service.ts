import { rm } from 'node:fs/promises';
import { narrowed, within } from '../../platform/auth/within.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import type { VersionService } from '../version/service.js';
import { compareEvaluations, type EvaluationComparison } from './compare.js';
import type { EncoderCatalog, QueryEncoderChoice } from './encoders.js';
import { evaluateJob } from './job.js';
import { evaluationOptions } from './options.js';
import { type Evaluation, type EvaluationRepository, keptReport, type ResultFilter } from './repository.js';
import { metricOf, type Slice, type SliceBy, sliceResults } from './slices.js';
import type { StoredResult } from './stored.js';

export interface EvaluateRequest {
  readonly datasetId: string;
  /** Null makes (or takes) the version that the dataset is now. */
  readonly versionId: string | null;
  readonly encoder: string;
  readonly name: string | null;
  readonly options: unknown;
  readonly startedBy: string | null;
}

/** One query that two evaluations answer differently. */
export interface Flip {
  readonly a: StoredResult;
  readonly b: StoredResult;
}

export interface EvaluationService {
  /** Where an evaluation keeps its files. */
  readonly folder: (id: string) => string;
  encoders(): Promise<QueryEncoderChoice[]>;
  byIds(ids: readonly string[]): Promise<Evaluation[]>;
  page(datasetId: string | readonly string[] | null, page: KeysetPage): Promise<Evaluation[]>;
  count(datasetId: string | readonly string[] | null): Promise<number>;
  /** Those of an encoder that are over, newest first. */
  finishedOf(encoder: string): Promise<Evaluation[]>;
  /** @throws {NotFoundError} @throws {ValidationError} @throws {ConflictError} for a version that cannot be judged. */
  evaluate(request: EvaluateRequest): Promise<{ readonly evaluation: Evaluation; readonly job: Job }>;
  delete(id: string): Promise<void>;
  worst(id: string, filter: ResultFilter, page: KeysetPage): Promise<StoredResult[]>;
  countResults(id: string, filter: ResultFilter): Promise<number>;
  result(id: string, section: string, key: string): Promise<StoredResult | null>;
  slices(id: string, section: string, by: SliceBy, metric: string): Promise<Slice[]>;
  /** @throws {NotFoundError} @throws {ConflictError} for evaluations that are not finished or cannot be compared. */
  compare(ids: readonly string[], metric: string): Promise<EvaluationComparison>;
  /** Queries that B answers better (`won`) or worse than A by a metric, the largest change of rank first. */
  flips(
    a: string,
    b: string,
    section: string,
    metric: string,
    won: boolean,
    limit: number,
  ): Promise<{ readonly total: number; readonly flips: readonly Flip[] }>;
}

export interface EvaluationServiceParts {
  readonly evaluations: EvaluationRepository;
  readonly encoders: EncoderCatalog;
  readonly datasets: DatasetService;
  readonly versions: VersionService;
  readonly jobs: JobService;
  readonly evaluationFolder: (id: string) => string;
}

const MAX_NAME = 120;

export function createEvaluationService(parts: EvaluationServiceParts): EvaluationService {
  const { evaluations, encoders } = parts;
  return {
    folder: parts.evaluationFolder,
    encoders: () => encoders.list(),
    byIds: (ids) => evaluations.byIds(ids.filter(isUuid)),
    page: (datasetId, page) => evaluations.page(datasetId, page),
    count: (datasetId) => evaluations.count(datasetId),
    finishedOf: (encoder) => evaluations.finishedOf(encoder, 100),
    evaluate: (request) => evaluate(parts, request),
    async delete(id) {
      if (!isUuid(id) || !(await evaluations.delete(id)))
        throw new NotFoundError('There is no such evaluation.');
      await rm(parts.evaluationFolder(id), { recursive: true, force: true });
    },
    worst: (id, filter, page) => evaluations.worst(id, filter, page),
    countResults: (id, filter) => evaluations.countResults(id, filter),
    result: async (id, section, key) => (await evaluations.byKeys(id, section, [key]))[0] ?? null,
    slices: async (id, section, by, metric) =>
      sliceResults(await evaluations.results(id, section), by, metric),
    async compare(ids, metric) {
      const found = await finished(evaluations, ids);
      const compared = await Promise.all(
        found.map(async (one) => ({ ...one, results: await evaluations.results(one.evaluation.id, null) })),
      );
      return compareEvaluations(compared, metric);
    },
    async flips(a, b, section, metric, won, limit) {
      await finished(evaluations, [a, b]);
      const [ofA, ofB] = await Promise.all([a, b].map((id) => evaluations.results(id, section)));
      const other = new Map(ofB?.map((result) => [result.key, result]));
      const flips = (ofA ?? []).flatMap((one) => {
        const two = other.get(one.key);
        if (two === undefined) return [];
        const change = metricOf(two, metric) - metricOf(one, metric);
        return (won ? change > 0 : change < 0) ? [{ a: one, b: two }] : [];
      });
      const moved = ({ a: one, b: two }: Flip) => Math.abs(Math.log(one.firstRank / two.firstRank));
      return { total: flips.length, flips: flips.sort((x, y) => moved(y) - moved(x)).slice(0, limit) };
    },
  };
}

async function finished(evaluations: EvaluationRepository, ids: readonly string[]) {
  const rows = await evaluations.byIds(ids.filter(isUuid));
  return ids.map((id) => {
    const evaluation = rows.find((row) => row.id === id);
    if (evaluation === undefined) throw new NotFoundError('There is no such evaluation.');
    const report = keptReport(evaluation);
    if (report === null) throw new ConflictError(`${evaluation.name} is not finished yet.`);
    return { evaluation, report };
  });
}

async function evaluate(parts: EvaluationServiceParts, request: EvaluateRequest) {
  const { evaluations, encoders, datasets, versions, jobs } = parts;
  const options = evaluationOptions.safeParse(request.options);
  if (!options.success) {
    const [issue] = options.error.issues;
    throw ValidationError.at(
      ['options', ...(issue?.path ?? []).map(String)],
      issue?.message ?? 'not readable',
    );
  }
  const label = request.name?.trim() || null;
  if (label !== null && label.length > MAX_NAME)
    throw ValidationError.at(['name'], `expected at most ${MAX_NAME} characters, got ${label.length}`);
  const encoder = await encoders.find(request.encoder);
  const [dataset] = isUuid(request.datasetId) ? await datasets.byIds([request.datasetId]) : [];
  if (dataset === undefined) throw new NotFoundError('There is no such dataset.');
  const version =
    request.versionId === null
      ? (await versions.create(dataset.id, null)).version
      : (await versions.byIds([request.versionId]))[0];
  if (version?.datasetId !== dataset.id) throw new NotFoundError('The dataset has no such version.');
  if (version.imageCount < 2) {
    throw new ConflictError(
      `Version ${version.number} of ${dataset.name} has ${version.imageCount === 1 ? 'one photo' : 'no photo'}: with fewer than two there is nothing to rank.`,
    );
  }
  const evaluation = await evaluations.create({
    name: label ?? `${encoder.name} on ${dataset.name} v${version.number}`,
    encoder: encoder.id,
    datasetId: dataset.id,
    versionId: version.id,
    datasetName: dataset.name,
    versionNumber: version.number,
    versionHash: version.contentHash,
    options: JSON.parse(JSON.stringify(options.data)),
    startedBy: request.startedBy,
  });
  const job = await jobs.enqueue(evaluateJob, {
    payload: { evaluationId: evaluation.id },
    datasetId: dataset.id,
    startedBy: request.startedBy,
  });
  return { evaluation: await evaluations.setJob(evaluation.id, job.id), job };
}

/** The service for a caller who may see some datasets alone. */
export function evaluationsWithin(all: EvaluationService, own: ReadonlySet<string>): EvaluationService {
  const byIds: EvaluationService['byIds'] = async (ids) => within(await all.byIds(ids), own);
  const owned = async (ids: readonly string[]): Promise<void> => {
    const known = new Set(ids);
    if ((await byIds([...known])).length < known.size)
      throw new NotFoundError('There is no such evaluation.');
  };
  return {
    ...all,
    byIds,
    finishedOf: async (encoder) => within(await all.finishedOf(encoder), own),
    page: (datasetId, page) => all.page(narrowed(datasetId as string | null, own), page),
    count: (datasetId) => all.count(narrowed(datasetId as string | null, own)),
    delete: async (id) => owned([id]).then(() => all.delete(id)),
    compare: async (ids, metric) => owned(ids).then(() => all.compare(ids, metric)),
    flips: async (a, b, ...rest) => owned([a, b]).then(() => all.flips(a, b, ...rest)),
  };
}
