import { encodeGlobalID } from '@pothos/plugin-relay';
import { BY_ID } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef, jobSuccess } from '../job/ref.js';
import { RegisteredModelRef } from '../model/ref.js';
import { StyleSpaceRef } from '../style-space/ref.js';
import { DatasetVersionRef } from '../version/ref.js';
import { readStyleSpace } from './kept-style-space.js';
import { TrainingRunRef } from './ref.js';
import type { TrainingRun } from './repository.js';
import type { Series, TrainingRequest } from './service.js';
import { METHODS, type TrainingMethod } from './settings.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

const METHOD_WORDS: Readonly<Record<TrainingMethod, string>> = {
  freestyle: 'Prompts made from the style of the query, in every layer.',
  vpt: 'The same prompts for every query, in every layer.',
  lora: 'Low-rank additions to the attention.',
  full: 'A copy of the tower that learns whole.',
  linear: 'A map on the embedding.',
};
const MethodEnum = builder.enumType('TrainingMethod', {
  values: Object.fromEntries(
    METHODS.map((name) => [name.toUpperCase(), { value: name, description: METHOD_WORDS[name] }]),
  ) as Record<Uppercase<TrainingMethod>, { value: TrainingMethod; description: string }>,
});

const PointRef = builder
  .objectRef<{ readonly step: number; readonly value: number }>('TrainingPoint')
  .implement({ authScopes, fields: (t) => ({ step: t.exposeInt('step'), value: t.exposeFloat('value') }) });

const SeriesRef = builder.objectRef<Series>('TrainingSeries').implement({
  authScopes,
  description: 'One curve: the loss, images a second, or hit@1 of a style on the validation photos.',
  fields: (t) => ({
    name: t.exposeString('name'),
    seen: t.exposeBoolean('seen', {
      nullable: true,
      description: 'Did the training see that style? Null for what is no style.',
    }),
    points: t.field({ type: [PointRef], resolve: ({ points }) => [...points] }),
  }),
});

builder.node(TrainingRunRef, {
  authScopes,
  description: 'A training of a query encoder.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.trainings.loadMany(ids),
  fields: (t) => ({
    name: t.exposeString('name'),
    datasetName: t.exposeString('datasetName'),
    versionNumber: t.exposeInt('versionNumber'),
    versionHash: t.exposeString('versionHash', { description: 'Content hash of the data.' }),
    dataset: t.field({
      type: DatasetRef,
      nullable: true,
      description: 'Null where it was deleted.',
      resolve: ({ datasetId }, _args, { loaders }) =>
        datasetId === null ? null : loaders.datasets.load(datasetId),
    }),
    backbone: t.field({
      type: RegisteredModelRef,
      resolve: ({ backboneId }, _args, { loaders }) => loaders.registeredModels.loadRequired(backboneId),
    }),
    styleSpace: t.string({
      nullable: true,
      description: 'Its name and version; null for the one that comes with the product.',
      resolve: ({ styleSpace }) => (styleSpace === null ? null : readStyleSpace(styleSpace).name),
    }),
    method: t.field({ type: MethodEnum, resolve: ({ method }) => method as TrainingMethod }),
    settings: t.expose('settings', { type: 'JSON', description: 'All that decides the weights.' }),
    job: t.field({
      type: JobRef,
      nullable: true,
      resolve: ({ jobId }, _args, { loaders }) => (jobId === null ? null : loaders.jobs.load(jobId)),
    }),
    startedBy: t.exposeString('startedBy', { nullable: true }),
    trained: t.exposeInt('trained', { nullable: true, description: 'Numbers that learn.' }),
    frozen: t.float({ nullable: true, resolve: ({ frozen }) => (frozen === null ? null : Number(frozen)) }),
    startScore: t.exposeFloat('startScore', {
      nullable: true,
      description: 'Mean hit@1 over styles before the first step.',
    }),
    bestScore: t.exposeFloat('bestScore', { nullable: true }),
    bestStep: t.exposeInt('bestStep', { nullable: true }),
    step: t.exposeInt('step'),
    steps: t.exposeInt('steps'),
    imagesPerSecond: t.exposeFloat('imagesPerSecond', { nullable: true }),
    secondsLeft: t.exposeFloat('secondsLeft', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true }),
    series: t.field({
      type: [SeriesRef],
      description: 'Its curves so far.',
      args: {
        points: t.arg.int({ required: true, defaultValue: 300, description: 'Of each curve at most.' }),
      },
      complexity: { multiplier: 5 },
      resolve: ({ id }, { points }, { services }) =>
        services.trainings.series(id, Math.min(2000, Math.max(2, points))),
    }),
    model: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'What came of it.',
      resolve: ({ id }, _args, { services }) => services.modelRegistry.ofRun(id),
    }),
  }),
});

builder.objectField(RegisteredModelRef, 'training', (t) =>
  t.field({
    type: TrainingRunRef,
    nullable: true,
    description: 'The run that made it.',
    resolve: ({ runId }, _args, { loaders }) => (runId === null ? null : loaders.trainings.load(runId)),
  }),
);

builder.queryField('trainings', (t) =>
  t.connection(
    {
      type: TrainingRunRef,
      authScopes,
      datasets: 'ALL',
      description: 'Newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, args, { services }) =>
        keysetConnection(args, BY_ID, (keys) => services.trainings.page(keys)),
    },
    {
      name: 'TrainingRunConnection',
      fields: (c) => ({
        totalCount: c.int({ resolve: (_page, _args, { services }) => services.trainings.count() }),
      }),
    },
    { name: 'TrainingRunEdge' },
  ),
);

const TrainingInput = builder.inputType('TrainingInput', {
  fields: (t) => ({
    name: t.string({ description: 'What people call it; up to 120 characters.' }),
    datasetId: t.globalID({ required: true, for: DatasetRef }),
    versionId: t.globalID({
      for: DatasetVersionRef,
      description: 'Without it, the dataset as it is now is kept as a version and learned from.',
    }),
    backboneId: t.globalID({ for: RegisteredModelRef, description: 'That of the live space unless given.' }),
    styleSpaceId: t.globalID({
      for: StyleSpaceRef,
      description: 'The style space that comes with the product unless given.',
    }),
    styleSpaceVersion: t.int({ description: 'Its newest version unless given.' }),
    method: t.field({ type: MethodEnum }),
    steps: t.int(),
    validateEvery: t.int({ description: 'Steps from one validation to the next.' }),
    batch: t.int(),
    rate: t.float({ description: 'Peak learning rate; that of the method unless given.' }),
    patience: t.int({ description: 'Validations without a better score before it stops.' }),
    seed: t.int(),
    perPhoto: t.int({ description: 'Made query pictures of each style and photo.' }),
    trainSplit: t.string(),
    valSplit: t.string(),
    validationPerStyle: t.int(),
    unseenPerStyle: t.int({ description: 'Validation photos that held-out makers draw, of each style.' }),
  }),
});

const requestOf = (input: typeof TrainingInput.$inferInput, startedBy: string | null): TrainingRequest => {
  const { name, datasetId, versionId, backboneId, styleSpaceId, styleSpaceVersion, ...settings } = input;
  return {
    name: name ?? null,
    datasetId: datasetId.id,
    versionId: versionId?.id ?? null,
    backboneId: backboneId?.id ?? null,
    styleSpace: styleSpaceId ? { id: styleSpaceId.id, version: styleSpaceVersion ?? null } : null,
    settings,
    startedBy,
  };
};

const StartSuccess = builder
  .objectRef<{ readonly run: TrainingRun; readonly job: Job }>('StartTrainingSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      training: t.field({ type: TrainingRunRef, resolve: ({ run }) => run }),
      job: t.field({ type: JobRef, resolve: ({ job }) => job }),
    }),
  });

const DeleteSuccess = builder
  .objectRef<{ readonly deletedId: string }>('DeleteTrainingSuccess')
  .implement({ authScopes, fields: (t) => ({ deletedId: t.exposeID('deletedId') }) });

builder.mutationFields((t) => ({
  startTraining: t.field({
    type: StartSuccess,
    authScopes: mayChange,
    datasets: 'ALL',
    description: 'Trains a query encoder. It ends in the registry; promoting it is a step of its own.',
    args: { input: t.arg({ type: TrainingInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'StartTrainingResult' },
    },
    resolve: (_root, { input }, { services, caller }) =>
      services.trainings.start(requestOf(input, caller?.name ?? null)),
  }),
  estimateTraining: t.field({
    type: jobSuccess('EstimateTrainingSuccess'),
    authScopes: mayChange,
    datasets: 'ALL',
    description:
      'Takes a few real steps to tell how long it would take: `{ seconds, steps, parts }` as the result of the job.',
    args: {
      input: t.arg({ type: TrainingInput, required: true }),
      minutes: t.arg.float({ description: 'A time to fit into, instead of a number of steps.' }),
    },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'EstimateTrainingResult' },
    },
    resolve: async (_root, { input, minutes }, { services, caller }) => ({
      job: await services.trainings.estimate(requestOf(input, caller?.name ?? null), minutes ?? null),
    }),
  }),
  continueTraining: t.field({
    type: jobSuccess('ContinueTrainingSuccess'),
    authScopes: mayChange,
    datasets: 'ALL',
    description: 'A run that failed, or was cancelled, goes on from its last checkpoint.',
    args: { trainingId: t.arg.globalID({ required: true, for: TrainingRunRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ContinueTrainingResult' },
    },
    resolve: async (_root, { trainingId }, { services }) => ({
      job: await services.trainings.goOn(trainingId.id),
    }),
  }),
  deleteTraining: t.field({
    type: DeleteSuccess,
    authScopes: mayChange,
    datasets: 'ALL',
    description: 'Deletes a run with its curves and checkpoint. The encoder that it made stays.',
    args: { trainingId: t.arg.globalID({ required: true, for: TrainingRunRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'DeleteTrainingResult' },
    },
    resolve: async (_root, { trainingId }, { services }) => {
      await services.trainings.delete(trainingId.id);
      return { deletedId: encodeGlobalID('TrainingRun', trainingId.id) };
    },
  }),
}));
