import { encodeGlobalID } from '@pothos/plugin-relay';
import { checkPageSize } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import type { Services } from '../../platform/services.js';
import { JobRef } from '../job/ref.js';
import type { StyleDraft } from './draft-repository.js';
import { editsOf, effectOf } from './drafts.js';
import { StyleEffectRef } from './effect-schema.js';
import { picturesOf, rowsShown } from './picture-view.js';
import { StyleDraftRef, StylePictureRef, StyleSpaceRef } from './ref.js';
import type { StyleSpace } from './repository.js';
import { clusterFigures } from './version-of.js';
import { type ShownCluster, StyleClusterRef } from './version-schema.js';

const authScopes = { role: 'VIEWER' } as const;
const curator = { authScopes: { role: 'CURATOR' } } as const;

async function workOf({ styleSpaces }: Services, draft: StyleDraft) {
  const [styles, content] = await Promise.all([
    styleSpaces.drafts.styles(draft),
    styleSpaces.work.content(draft.spaceId),
  ]);
  return { styles, content };
}

builder.node(StyleDraftRef, {
  authScopes,
  description:
    'Edits of a style space that are not saved yet. They are kept until they are saved or given up.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services }) => {
    const found = await services.styleSpaces.drafts.byIds(ids);
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    base: t.exposeInt('base', { description: 'The version that the edits begin with.' }),
    revision: t.exposeInt('revision', { description: 'Every change names the one that it was made on.' }),
    madeBy: t.exposeString('madeBy', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    styleSpace: t.field({
      type: StyleSpaceRef,
      resolve: async ({ spaceId }, _args, { services }): Promise<StyleSpace> => {
        const [space] = await services.styleSpaces.byIds([spaceId]);
        if (space === undefined) throw new NotFoundError('The style space was deleted meanwhile.');
        return space;
      },
    }),
    isBehind: t.boolean({
      description: 'Somebody saved another version since: the edits have to be taken over to it.',
      resolve: async ({ spaceId, base }, _args, { services }) =>
        (await services.styleSpaces.byIds([spaceId]))[0]?.head !== base,
    }),
    edits: t.stringList({
      description: 'The edits in words, oldest first.',
      resolve: (draft, _args, { services }) => services.styleSpaces.drafts.words(draft),
    }),
    editCount: t.int({ resolve: (draft) => editsOf(draft).length }),
    effect: t.field({
      type: StyleEffectRef,
      nullable: true,
      description: 'What was measured last; it is of these very edits where its revision is theirs.',
      resolve: (draft) => effectOf(draft),
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description: 'The last measurement.',
      resolve: ({ jobId }, _args, { loaders }) => (jobId === null ? null : loaders.jobs.load(jobId)),
    }),
    moved: t.int({
      description: 'Pictures that are in another cluster than before.',
      complexity: 5,
      resolve: async (draft, _args, { services }) => {
        const { styles } = await workOf(services, draft);
        const before = await services.styleSpaces.drafts.styles({ ...draft, edits: [] });
        const keyOf = (of: typeof styles, row: number) => of.clusters[of.labels[row] ?? -1]?.key;
        let moved = 0;
        for (let row = 0; row < styles.labels.length; row++)
          if (keyOf(styles, row) !== keyOf(before, row)) moved++;
        return moved;
      },
    }),
    clusters: t.field({
      type: [StyleClusterRef],
      description: 'The clusters as the edits make them.',
      complexity: { multiplier: 6 },
      resolve: async (draft, _args, { services }) => {
        const { styles, content } = await workOf(services, draft);
        return clusterFigures(styles, content.pictures).map(
          (cluster, index): ShownCluster => ({
            ...cluster,
            pictures: async (shown, first) =>
              picturesOf(content, styles, rowsShown(styles, index, shown, first)),
          }),
        );
      },
    }),
    inNoCluster: t.field({
      type: [StylePictureRef],
      args: { first: t.arg.int({ required: true, defaultValue: 24 }) },
      complexity: { multiplier: 6 },
      resolve: async (draft, { first }, { services }) => {
        checkPageSize('first', first);
        const { styles, content } = await workOf(services, draft);
        return picturesOf(content, styles, rowsShown(styles, -1, 'all', first));
      },
    }),
    pictures: t.field({
      type: [StylePictureRef],
      description: 'Pictures by their numbers, in the order asked for; up to 100.',
      args: { indexes: t.arg.intList({ required: true }) },
      complexity: ({ indexes }) => ({ multiplier: Math.max(1, indexes?.length ?? 1) / 4 }),
      resolve: async (draft, { indexes }, { services }) => {
        checkPageSize('indexes', indexes.length);
        const { styles, content } = await workOf(services, draft);
        return picturesOf(content, styles, indexes);
      },
    }),
    clustersUrl: t.string({
      description: 'Path of the cluster of every picture, as bytes; see the map.',
      resolve: ({ id, revision }) =>
        `/style-drafts/${encodeURIComponent(encodeGlobalID('StyleDraft', id))}/${revision}/clusters`,
    }),
  }),
});

const DraftSuccess = builder
  .objectRef<{ readonly draft: StyleDraft; readonly dropped?: readonly string[] }>('StyleDraftSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      draft: t.field({ type: StyleDraftRef, resolve: ({ draft }) => draft }),
      dropped: t.stringList({
        description: 'Edits that could not be taken over to the newest version, in words.',
        resolve: ({ dropped = [] }) => [...dropped],
      }),
    }),
  });

const SaveSuccess = builder
  .objectRef<{ readonly space: StyleSpace; readonly number: number }>('SaveStyleDraftSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      styleSpace: t.field({ type: StyleSpaceRef, resolve: ({ space }) => space }),
      version: t.exposeInt('number', { description: 'Number of the version that was made.' }),
    }),
  });

const BeginInput = builder.inputType('BeginStyleEditInput', {
  fields: (t) => ({
    styleSpaceId: t.globalID({ required: true, for: StyleSpaceRef }),
    expectedVersion: t.int({ required: true, description: 'The version that the curator looks at.' }),
  }),
});

const DraftInput = builder.inputType('StyleDraftInput', {
  fields: (t) => ({
    styleDraftId: t.globalID({ required: true, for: StyleDraftRef }),
    expectedRevision: t.int({ required: true, description: 'The revision that the curator looks at.' }),
  }),
});

const EditKind = builder.enumType('StyleEditKind', {
  values: {
    RENAME: { value: 'rename', description: 'cluster, name' },
    RECOLOUR: { value: 'recolour', description: 'cluster, colour' },
    MERGE: { value: 'merge', description: 'clusters, name' },
    SPLIT: { value: 'split', description: 'cluster, into; by K-Means of its pictures' },
    PIN: { value: 'pin', description: 'cluster, pictures: they become its exemplars' },
    UNPIN: { value: 'unpin', description: 'pictures: they go where they are nearest again' },
    MOVE: { value: 'move', description: 'pictures, cluster; without a cluster: into none' },
  } as const,
});

const EditInput = builder.inputType('StyleEditInput', {
  fields: (t) => ({
    kind: t.field({ type: EditKind, required: true }),
    cluster: t.string({ description: 'Key of the cluster.' }),
    clusters: t.stringList(),
    name: t.string({ description: 'Up to 60 characters.' }),
    colour: t.string({ description: '`#rrggbb`.' }),
    into: t.int({ description: '2 to 8.' }),
    seed: t.int(),
    pictures: t.intList({ description: 'Numbers of pictures.' }),
  }),
});

const EditsInput = builder.inputType('EditStylesInput', {
  fields: (t) => ({
    styleDraftId: t.globalID({ required: true, for: StyleDraftRef }),
    expectedRevision: t.int({ required: true }),
    edits: t.field({ type: [EditInput], required: true, description: 'All of them or none.' }),
  }),
});

builder.mutationField('beginStyleEdit', (t) =>
  t.field({
    datasets: 'OWN',
    type: DraftSuccess,
    ...curator,
    description: 'Begins edits of a style space, which nobody else sees before they are saved.',
    args: { input: t.arg({ type: BeginInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'BeginStyleEditResult' },
    },
    resolve: async (_root, { input }, { services, caller }) => ({
      draft: await services.styleSpaces.drafts.begin(
        input.styleSpaceId.id,
        input.expectedVersion,
        caller?.name ?? null,
      ),
    }),
  }),
);

builder.mutationField('editStyles', (t) =>
  t.field({
    datasets: 'OWN',
    type: DraftSuccess,
    ...curator,
    description: 'Adds edits to a draft.',
    args: { input: t.arg({ type: EditsInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'EditStylesResult' },
    },
    resolve: async (_root, { input }, { services }) => ({
      draft: await services.styleSpaces.drafts.edit(
        input.styleDraftId.id,
        input.expectedRevision,
        input.edits.map(({ pictures, cluster, ...edit }) => ({
          ...given({ ...edit, rows: pictures }),
          cluster: edit.kind === 'move' ? (cluster ?? null) : (cluster ?? undefined),
          ...(edit.kind === 'split' && { seed: edit.seed ?? 0 }),
        })),
      ),
    }),
  }),
);

/** What was really given: fields that are absent are not null. */
const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

builder.mutationField('undoStyleEdit', (t) =>
  t.field({
    datasets: 'OWN',
    type: DraftSuccess,
    ...curator,
    description: 'Takes the last edit of a draft back.',
    args: { input: t.arg({ type: DraftInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'UndoStyleEditResult' },
    },
    resolve: async (_root, { input }, { services }) => ({
      draft: await services.styleSpaces.drafts.undo(input.styleDraftId.id, input.expectedRevision),
    }),
  }),
);

builder.mutationField('previewStyleEdit', (t) =>
  t.field({
    datasets: 'OWN',
    type: DraftSuccess,
    ...curator,
    description:
      'Measures what the edits do to recall by style on `val`; the draft holds it when its job is done.',
    args: { input: t.arg({ type: DraftInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'PreviewStyleEditResult' },
    },
    resolve: (_root, { input }, { services, caller }) =>
      services.styleSpaces.drafts.preview(
        input.styleDraftId.id,
        input.expectedRevision,
        caller?.name ?? null,
      ),
  }),
);

builder.mutationField('rebaseStyleDraft', (t) =>
  t.field({
    datasets: 'OWN',
    type: DraftSuccess,
    ...curator,
    description: 'Takes edits over to the newest version, after somebody else saved one.',
    args: { input: t.arg({ type: DraftInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'RebaseStyleDraftResult' },
    },
    resolve: (_root, { input }, { services }) =>
      services.styleSpaces.drafts.rebase(input.styleDraftId.id, input.expectedRevision),
  }),
);

builder.mutationField('saveStyleDraft', (t) =>
  t.field({
    datasets: 'OWN',
    type: SaveSuccess,
    ...curator,
    description:
      'Makes a new version of the edits. Refused, with nothing lost, where somebody else saved one since.',
    args: { input: t.arg({ type: DraftInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'SaveStyleDraftResult' },
    },
    resolve: async (_root, { input }, { services, caller }) => {
      const { spaceId, number } = await services.styleSpaces.drafts.save(
        input.styleDraftId.id,
        input.expectedRevision,
        caller?.name ?? null,
      );
      const [space] = await services.styleSpaces.byIds([spaceId]);
      if (space === undefined) throw new NotFoundError('The style space was deleted meanwhile.');
      return { space, number };
    },
  }),
);

const DiscardSuccess = builder
  .objectRef<{ readonly deletedId: string }>('DiscardStyleDraftSuccess')
  .implement({ authScopes, fields: (t) => ({ deletedId: t.exposeID('deletedId') }) });

const DiscardInput = builder.inputType('DiscardStyleDraftInput', {
  fields: (t) => ({ styleDraftId: t.globalID({ required: true, for: StyleDraftRef }) }),
});

builder.mutationField('discardStyleDraft', (t) =>
  t.field({
    datasets: 'OWN',
    type: DiscardSuccess,
    ...curator,
    description: 'Gives edits up.',
    args: { input: t.arg({ type: DiscardInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError],
      directResult: true,
      union: { name: 'DiscardStyleDraftResult' },
    },
    resolve: async (_root, { input }, { services }) => {
      await services.styleSpaces.drafts.discard(input.styleDraftId.id);
      return { deletedId: encodeGlobalID('StyleDraft', input.styleDraftId.id) };
    },
  }),
);
