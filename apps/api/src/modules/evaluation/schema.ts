import { encodeGlobalID } from '@pothos/plugin-relay';
import { BY_ID, type ListKey } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef } from '../job/ref.js';
import { DatasetVersionRef } from '../version/ref.js';
import type { QueryEncoderChoice } from './encoders.js';
import {
  EvaluationSectionRef,
  PaperFigureRef,
  paperFigures,
  SliceRef,
  sectionsOf,
} from './figures-schema.js';
import { EvaluationRef, EvaluationResultRef, type OwnedResult } from './ref.js';
import { type Evaluation, keptReport } from './repository.js';
import './result-schema.js';
import { reportFiles, reportFolder } from './routes.js';
import { SLICE_BY } from './slices.js';

const authScopes = { role: 'VIEWER' } as const;

const EncoderRef = builder.objectRef<QueryEncoderChoice>('QueryEncoder').implement({
  authScopes,
  description: 'An encoder of query pictures that can be evaluated.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'How `evaluate` takes it.' }),
    name: t.exposeString('name'),
    isLive: t.boolean({
      description: 'Does it answer searches now?',
      resolve: ({ name, modelId }, _args, { services }) => {
        const live = services.models.live();
        return modelId === null ? live?.model.name === name : live?.modelId === modelId;
      },
    }),
  }),
});

builder.queryField('queryEncoders', (t) =>
  t.field({
    datasets: 'NONE',
    type: [EncoderRef],
    authScopes,
    description: 'What can be evaluated: what comes with the product, and the bundles of the data folder.',
    resolve: (_root, _args, { services }) => services.evaluations.encoders(),
  }),
);

const BrokenRef = builder
  .objectRef<{ readonly what: string; readonly id: string; readonly error: string }>('BrokenPicture')
  .implement({
    authScopes,
    description: 'A picture that could not be read, and so is in no figure.',
    fields: (t) => ({
      what: t.exposeString('what'),
      file: t.exposeString('id'),
      reason: t.exposeString('error'),
    }),
  });

const FileRef = builder
  .objectRef<{ readonly name: string; readonly bytes: number; readonly url: string }>('ReportFile')
  .implement({
    authScopes,
    fields: (t) => ({
      name: t.exposeString('name'),
      bytes: t.exposeFloat('bytes'),
      url: t.exposeString('url'),
    }),
  });

const SliceByEnum = builder.enumType('EvaluationSliceBy', { values: [...SLICE_BY] });

/** Worst queries are ordered by the rank of the first right photo, then by key. */
const BY_RANK: ListKey<OwnedResult> = {
  of: ({ firstRank, key }) => `${firstRank}:${key}`,
  isKey: (text) => /^\d{1,9}:[0-9a-f]{32}(#\d+)?$/.test(text),
};

builder.node(EvaluationRef, {
  authScopes,
  description: 'A query encoder judged on a dataset version: every query against the full gallery.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services }) => {
    const found = await services.evaluations.byIds(ids);
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    name: t.exposeString('name'),
    encoder: t.exposeString('encoder'),
    model: t.string({ nullable: true, resolve: (one) => keptReport(one)?.model ?? null }),
    queryHash: t.string({ nullable: true, resolve: (one) => keptReport(one)?.queryHash ?? null }),
    spaceHash: t.string({ nullable: true, resolve: (one) => keptReport(one)?.spaceHash ?? null }),
    datasetName: t.exposeString('datasetName'),
    versionNumber: t.exposeInt('versionNumber'),
    versionHash: t.exposeString('versionHash', { description: 'Content hash of the data.' }),
    split: t.string({ nullable: true, resolve: (one) => keptReport(one)?.split ?? null }),
    protocol: t.string({ resolve: () => 'full gallery' }),
    gallery: t.int({
      nullable: true,
      description: 'Photos that every query was ranked over.',
      resolve: (one) => keptReport(one)?.gallery ?? null,
    }),
    settings: t.field({ type: 'JSON', nullable: true, resolve: (one) => keptReport(one)?.settings ?? null }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    startedBy: t.exposeString('startedBy', { nullable: true }),
    dataset: t.field({
      type: DatasetRef,
      nullable: true,
      description: 'Null where it was deleted.',
      resolve: ({ datasetId }, _args, { loaders }) =>
        datasetId === null ? null : loaders.datasets.load(datasetId),
    }),
    version: t.field({
      type: DatasetVersionRef,
      nullable: true,
      resolve: ({ versionId }, _args, { loaders }) =>
        versionId === null ? null : loaders.versions.load(versionId),
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      resolve: ({ jobId }, _args, { loaders }) => (jobId === null ? null : loaders.jobs.load(jobId)),
    }),
    sections: t.field({
      type: [EvaluationSectionRef],
      description: 'Empty until it is finished.',
      complexity: { multiplier: 5 },
      resolve: (one) => {
        const report = keptReport(one);
        return report === null ? [] : sectionsOf(report);
      },
    }),
    paper: t.field({
      type: [PaperFigureRef],
      description: 'In-batch figures by both readings of the paper: in no table with the others.',
      complexity: { multiplier: 2 },
      resolve: (one) => {
        const report = keptReport(one);
        return report === null ? [] : paperFigures(report);
      },
    }),
    broken: t.field({
      type: [BrokenRef],
      complexity: { multiplier: 2 },
      resolve: (one) => keptReport(one)?.broken ?? [],
    }),
    unanswered: t.stringList({
      description: 'Styles none of whose queries has what it means in the gallery.',
      resolve: (one) =>
        (keptReport(one)?.unanswered ?? []).map(
          ({ style, level, queries }) =>
            `${style}: ${queries} queries at ${level === 'class' ? 'class' : 'photo'} level`,
        ),
    }),
    slices: t.field({
      type: [SliceRef],
      args: {
        section: t.arg.string({ required: true }),
        by: t.arg({ type: SliceByEnum, required: true }),
        metric: t.arg.string({ required: true, defaultValue: 'hit@1' }),
      },
      complexity: { multiplier: 5 },
      resolve: ({ id }, { section, by, metric }, { services }) =>
        services.evaluations.slices(id, section, by, metric),
    }),
    result: t.field({
      type: EvaluationResultRef,
      nullable: true,
      args: { section: t.arg.string({ required: true }), key: t.arg.string({ required: true }) },
      resolve: async ({ id }, { section, key }, { services }) => {
        const found = await services.evaluations.result(id, section, key);
        return found === null ? null : { ...found, evaluationId: id };
      },
    }),
    reportFiles: t.field({
      type: [FileRef],
      description: 'Everything that the report is made of, to be fetched.',
      complexity: { multiplier: 2 },
      resolve: async ({ id }, _args, { services }) => {
        const global = encodeURIComponent(encodeGlobalID('Evaluation', id));
        const files = await reportFiles(reportFolder(services.evaluations.folder, id));
        return files.map((file) => ({
          ...file,
          url: `/evaluations/${global}/report/${encodeURIComponent(file.name)}`,
        }));
      },
    }),
  }),
});

builder.objectField(EvaluationRef, 'worst', (t) =>
  t.connection(
    {
      type: EvaluationResultRef,
      description: 'The queries of a section, worst first.',
      args: {
        section: t.arg.string({ required: true }),
        styleCluster: t.arg.string(),
        class: t.arg.string(),
        missedAt: t.arg.int({ description: 'Only queries with no right photo up to this rank.' }),
      },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (
        { id },
        { section, styleCluster, class: className, missedAt, ...args },
        { services },
      ) => {
        const filter = { section, styleCluster, className, missedAt };
        const page = await keysetConnection(args, BY_RANK, async (keys) =>
          (await services.evaluations.worst(id, filter, keys)).map((row) => ({ ...row, evaluationId: id })),
        );
        return { ...page, evaluationId: id, filter };
      },
    },
    {
      name: 'EvaluationResultConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ evaluationId, filter }, _args, { services }) =>
            services.evaluations.countResults(evaluationId, filter),
        }),
      }),
    },
    { name: 'EvaluationResultEdge' },
  ),
);

builder.queryField('evaluations', (t) =>
  t.connection(
    {
      datasets: 'OWN',
      type: EvaluationRef,
      authScopes,
      description: 'Newest first.',
      args: { datasetId: t.arg.globalID({ required: false, for: DatasetRef }) },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (_root, { datasetId, ...args }, { services }) => {
        const id = datasetId?.id ?? null;
        const page = await keysetConnection(args, BY_ID, (keys) => services.evaluations.page(id, keys));
        return { ...page, datasetId: id };
      },
    },
    {
      name: 'EvaluationConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ datasetId }, _args, { services }) => services.evaluations.count(datasetId),
        }),
      }),
    },
    { name: 'EvaluationEdge' },
  ),
);

const EvaluateSuccess = builder
  .objectRef<{ readonly evaluation: Evaluation; readonly job: Job }>('EvaluateSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      evaluation: t.field({ type: EvaluationRef, resolve: ({ evaluation }) => evaluation }),
      job: t.field({ type: JobRef, resolve: ({ job }) => job }),
    }),
  });

builder.mutationField('evaluate', (t) =>
  t.field({
    datasets: 'OWN',
    type: EvaluateSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Judges a query encoder on a dataset version, and writes its report.',
    args: {
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      versionId: t.arg.globalID({
        required: false,
        for: DatasetVersionRef,
        description: 'Without it, the dataset as it is now is kept as a version and judged on.',
      }),
      encoder: t.arg.string({ required: true, description: 'One of `queryEncoders`.' }),
      name: t.arg.string({ description: 'What people call it; up to 120 characters.' }),
      split: t.arg.string({ description: 'Only photos and queries of this split.' }),
      styles: t.arg.stringList({ description: 'Only these styles.' }),
      mixed: t.arg.stringList({ description: 'Pairs of styles to fuse: `text+sketch`.' }),
      perStyle: t.arg.int({ description: 'Queries of each style at most.' }),
      paperBatch: t.arg.int({
        defaultValue: 24,
        description: "Batch of the paper's protocol; null leaves it out.",
      }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'EvaluateResult' },
    },
    resolve: (_root, { datasetId, versionId, encoder, name, ...options }, { services, caller }) =>
      services.evaluations.evaluate({
        datasetId: datasetId.id,
        versionId: versionId?.id ?? null,
        encoder,
        name: name ?? null,
        options: {
          split: options.split ?? null,
          styles: options.styles ?? null,
          mixed: options.mixed ?? [],
          perStyle: options.perStyle ?? null,
          paperBatch: options.paperBatch ?? null,
        },
        startedBy: caller?.name ?? null,
      }),
  }),
);

const DeleteEvaluationSuccess = builder
  .objectRef<{ readonly deletedId: string }>('DeleteEvaluationSuccess')
  .implement({ authScopes, fields: (t) => ({ deletedId: t.exposeID('deletedId') }) });

builder.mutationField('deleteEvaluation', (t) =>
  t.field({
    datasets: 'OWN',
    type: DeleteEvaluationSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Deletes an evaluation with its results and its report.',
    args: { id: t.arg.globalID({ required: true, for: EvaluationRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError],
      directResult: true,
      union: { name: 'DeleteEvaluationResult' },
    },
    resolve: async (_root, { id }, { services }) => {
      await services.evaluations.delete(id.id);
      return { deletedId: encodeGlobalID('Evaluation', id.id) };
    },
  }),
);
