import { BY_ID } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageSelectionInput, selectionOf } from '../photo/filter-input.js';
import { ImageRef } from '../photo/ref.js';
import type { Image } from '../photo/repository.js';
import { describeChange } from './describe-change.js';
import { ChangeRef } from './ref.js';
import type { Change, Undoing } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;

builder.node(ChangeRef, {
  authScopes,
  description: 'A change that a curator made to photos, with what it takes to undo it.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.changes.loadMany(ids),
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description:
        'ADD_TAGS, REMOVE_TAGS, SET_SPLIT, SET_CLASS, SET_CAPTIONS, DELETE, RESTORE; EDIT for several at once.',
    }),
    summary: t.string({ description: 'One line for people.', resolve: (change) => describeChange(change) }),
    count: t.exposeInt('count', { description: 'Photos that it really changed.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    undoneAt: t.expose('undoneAt', { type: 'DateTime', nullable: true }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
  }),
});

builder.objectField(DatasetRef, 'changes', (t) =>
  t.connection(
    {
      type: ChangeRef,
      description: 'Newest first, without those that changed nothing.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (dataset, args, { services }) => {
        const page = await keysetConnection(args, BY_ID, (keys) =>
          services.changes.pageOfDataset(dataset.id, keys),
        );
        return { ...page, datasetId: dataset.id };
      },
    },
    {
      name: 'DatasetChangesConnection',
      fields: (c) => ({
        totalCount: c.int({
          resolve: ({ datasetId }, _args, { services }) => services.changes.countOfDataset(datasetId),
        }),
      }),
    },
    { name: 'DatasetChangesEdge' },
  ),
);

const ChangeImagesInput = builder.inputType('ChangeImagesInput', {
  description:
    'Tags, split and class can be changed together; delete and restore stand alone. Photos that are as they ' +
    'shall be already are not counted.',
  fields: (t) => ({
    selection: t.field({ type: ImageSelectionInput, required: true }),
    addTags: t.stringList(),
    removeTags: t.stringList(),
    split: t.string({
      description:
        'Empty text takes photos out of their split. Queries in the same split as their photo go with it.',
    }),
    class: t.string({
      description: 'Empty text clears the class. Queries of the same class as their photo go with it.',
    }),
    delete: t.boolean({ description: 'Sets photos aside: no search finds them until they are restored.' }),
    restore: t.boolean({ description: 'Brings deleted photos back; the filter must ask for them by state.' }),
  }),
});

const changeField = {
  type: ChangeRef,
  resolve: ({ change }: { readonly change: Change }) => change,
} as const;

const ChangeImagesSuccess = builder.objectRef<{ readonly change: Change }>('ChangeImagesSuccess').implement({
  authScopes,
  fields: (t) => ({ change: t.field(changeField) }),
});

const SetCaptionsSuccess = builder
  .objectRef<{ readonly image: Image; readonly change: Change }>('SetCaptionsSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      image: t.field({ type: ImageRef, resolve: ({ image }) => image }),
      change: t.field(changeField),
    }),
  });

const UndoChangeSuccess = builder.objectRef<Undoing>('UndoChangeSuccess').implement({
  authScopes,
  fields: (t) => ({
    change: t.field(changeField),
    restoredCount: t.exposeInt('restored', { description: 'Photos with something put back.' }),
    skippedCount: t.exposeInt('skipped', {
      description: 'Photos with a field that was changed again since, which was left as it is.',
    }),
  }),
});

const curator = { role: 'CURATOR' } as const;

builder.mutationFields((t) => ({
  changeImages: t.field({
    datasets: 'OWN',
    type: ChangeImagesSuccess,
    authScopes: curator,
    description: 'Changes every photo of a selection, all of them or none. Can be undone.',
    args: { input: t.arg({ type: ChangeImagesInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ChangeImagesResult' },
    },
    resolve: async (_root, { input: { selection, ...edit } }, { services, loaders }) => {
      const change = await services.changes.changeImages(selectionOf(selection), edit);
      loaders.forget();
      return { change };
    },
  }),
  setCaptions: t.field({
    datasets: 'OWN',
    type: SetCaptionsSuccess,
    authScopes: curator,
    description: 'Gives a photo these captions instead of those that it has. Can be undone.',
    args: {
      imageId: t.arg.globalID({ required: true, for: ImageRef }),
      captions: t.arg.stringList({ required: true }),
    },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'SetCaptionsResult' },
    },
    resolve: async (_root, { imageId, captions }, { services, loaders }) => {
      const done = await services.changes.setCaptions(imageId.id, captions);
      loaders.forget();
      return done;
    },
  }),
  undoChange: t.field({
    datasets: 'OWN',
    type: UndoChangeSuccess,
    authScopes: curator,
    description: 'Puts back what a change did, but for what was changed again since.',
    args: { id: t.arg.globalID({ required: true, for: ChangeRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'UndoChangeResult' },
    },
    resolve: async (_root, { id }, { services, loaders }) => {
      const undoing = await services.changes.undo(id.id);
      loaders.forget();
      return undoing;
    },
  }),
}));
