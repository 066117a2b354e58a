import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { ImageRef } from '../photo/ref.js';
import { deletedThumbnailUrl, thumbnailUrl } from '../photo/thumbnail-url.js';
import type { FieldChange } from './describe-changes.js';
import type { DiffCounts, VersionState } from './diff-repository.js';
import { DatasetVersionRef } from './ref.js';
import { DIFF_KEY, type DiffEntry, type VersionDiff } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const DiffKindEnum = builder.enumType('DiffKind', {
  values: {
    ADDED: { description: 'Only in the later one.' },
    REMOVED: { description: 'Only in the earlier one.' },
    CHANGED: { description: 'In both, but described otherwise.' },
  } as const,
});

const DiffCountsRef = builder.objectRef<DiffCounts>('DiffCounts').implement({
  authScopes,
  fields: (t) => ({
    added: t.exposeInt('added'),
    removed: t.exposeInt('removed'),
    changed: t.exposeInt('changed'),
  }),
});

const FieldChangeRef = builder.objectRef<FieldChange>('FieldChange').implement({
  authScopes,
  fields: (t) => ({
    field: t.exposeString('field', { description: 'captions, class, split, tags, …' }),
    before: t.exposeString('before', {
      nullable: true,
      description: 'As text, an item of a list a line; null where it was not set.',
    }),
    after: t.exposeString('after', { nullable: true }),
  }),
});

/** The entry as it stands last: after the change, or before it was removed. */
const stateOf = ({ before, after }: DiffEntry): VersionState =>
  after ?? before ?? { contentHash: null, fileName: null, record: {} };

const word = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

const DiffEntryRef = builder.objectRef<DiffEntry>('DiffEntry').implement({
  authScopes,
  description: 'A photo or query that two states of a dataset do not have in common, as it stood last.',
  fields: (t) => ({
    kind: t.expose('kind', { type: DiffKindEnum }),
    isQuery: t.exposeBoolean('isQuery'),
    fileName: t.string({
      description: 'Of a query without a file: the photo that it means.',
      nullable: true,
      resolve: (entry) => stateOf(entry).fileName ?? word(stateOf(entry).record.target),
    }),
    thumbnailUrl: t.string({
      nullable: true,
      description: 'Null for a query in words.',
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: (entry, { size }, { caller }) => {
        const { contentHash } = stateOf(entry);
        if (contentHash === null) return null;
        return entry.kind === 'REMOVED'
          ? deletedThumbnailUrl(contentHash, size, caller)
          : thumbnailUrl(contentHash, size);
      },
    }),
    captions: t.stringList({ resolve: (entry) => words(stateOf(entry).record.captions) }),
    class: t.string({ nullable: true, resolve: (entry) => word(stateOf(entry).record.class) }),
    split: t.string({ nullable: true, resolve: (entry) => word(stateOf(entry).record.split) }),
    style: t.string({
      nullable: true,
      description: 'Of a query.',
      resolve: (entry) => word(stateOf(entry).record.style),
    }),
    text: t.string({
      nullable: true,
      description: 'Of a query in words.',
      resolve: (entry) => word(stateOf(entry).record.text),
    }),
    image: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The photo as it is now, where the dataset still has it. Null for queries.',
      resolve: ({ isQuery, itemId }, _args, { loaders }) => (isQuery ? null : loaders.images.load(itemId)),
    }),
    changes: t.field({ type: [FieldChangeRef], resolve: ({ changes }) => [...changes] }),
  }),
});

async function sum(diff: VersionDiff, kind: keyof DiffCounts): Promise<number> {
  const { photos, queries } = await diff.counts();
  return photos[kind] + queries[kind];
}

const VersionDiffRef = builder.objectRef<VersionDiff>('VersionDiff').implement({
  authScopes,
  description: 'In what two states of a dataset differ.',
  fields: (t) => ({
    addedCount: t.int({ resolve: (diff) => sum(diff, 'added') }),
    removedCount: t.int({ resolve: (diff) => sum(diff, 'removed') }),
    changedCount: t.int({ resolve: (diff) => sum(diff, 'changed') }),
    photos: t.field({ type: DiffCountsRef, resolve: async (diff) => (await diff.counts()).photos }),
    queries: t.field({ type: DiffCountsRef, resolve: async (diff) => (await diff.counts()).queries }),
    entries: t.connection(
      {
        type: DiffEntryRef,
        description: 'Photos first, then queries, each in the order in which they came in.',
        args: {
          kind: t.arg({ type: DiffKindEnum, required: true }),
          isQuery: t.arg.boolean({ description: 'Only photos or only queries; both if left out.' }),
        },
        complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
        resolve: ({ sides }, { kind, isQuery, ...args }, { services }) =>
          keysetConnection(args, DIFF_KEY, (page) =>
            services.versions.diffPage(sides, kind, isQuery ?? null, page),
          ),
      },
      { name: 'DiffEntryConnection' },
      { name: 'DiffEntryEdge' },
    ),
  }),
});

builder.queryField('versionDiff', (t) =>
  t.field({
    datasets: 'OWN',
    type: VersionDiffRef,
    nullable: true,
    authScopes,
    description:
      'From a version to a later one, or to the dataset as it is now. Null without such a version.',
    args: {
      fromId: t.arg.globalID({ required: true, for: DatasetVersionRef }),
      toId: t.arg.globalID({ required: false, for: DatasetVersionRef }),
    },
    resolve: (_root, { fromId, toId }, { services }) => services.versions.diff(fromId.id, toId?.id ?? null),
  }),
);
