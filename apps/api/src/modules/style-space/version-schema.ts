import { encodeGlobalID } from '@pothos/plugin-relay';
import { checkPageSize } from '../../platform/database/paging.js';
import { builder } from '../../platform/graphql/builder.js';
import type { NewCluster } from './content-repository.js';
import { effectOf } from './drafts.js';
import { StyleEffectRef } from './effect-schema.js';
import type { Shown, SpacePicture } from './picture-view.js';
import { StylePictureRef, StyleVersionRef } from './ref.js';
import './picture-schema.js';
import { type Flow, movedCount } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

/** A cluster of a version or draft, with where its pictures are found. */
export interface ShownCluster extends Omit<NewCluster, 'centre' | 'pinned'> {
  pictures(shown: Shown, first: number): Promise<SpacePicture[]>;
}

const StyleCountRef = builder
  .objectRef<{ readonly style: string; readonly count: number }>('StyleCount')
  .implement({
    authScopes,
    fields: (t) => ({ style: t.exposeString('style'), count: t.exposeInt('count') }),
  });

const PicturesOfCluster = builder.enumType('StylePicturesShown', {
  values: {
    EXEMPLARS: { value: 'exemplars', description: 'Pinned ones, then the nearest to the centre.' },
    OUTLIERS: { value: 'outliers', description: 'The farthest from the centre.' },
    ALL: { value: 'all', description: 'In the order of the space.' },
  } as const,
});

export const StyleClusterRef = builder.objectRef<ShownCluster>('StyleCluster').implement({
  authScopes,
  description: 'A cluster of styles.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Stays the same whatever it is called.' }),
    name: t.exposeString('name'),
    colour: t.exposeString('colour', { description: '`#rrggbb`.' }),
    count: t.exposeInt('count', { description: 'Pictures in it.' }),
    outside: t.exposeInt('outside', { description: 'Of these, outside every known style.' }),
    meanCosine: t.exposeFloat('meanCosine', { description: 'Of its pictures to its centre.' }),
    styles: t.field({
      type: [StyleCountRef],
      description: 'How many of its pictures are of each style, as the dataset tells it; most first.',
      resolve: ({ styles }) =>
        Object.entries(styles)
          .map(([style, count]) => ({ style, count }))
          .sort((a, b) => b.count - a.count),
    }),
    pictures: t.field({
      type: [StylePictureRef],
      args: {
        shown: t.arg({ type: PicturesOfCluster, required: true, defaultValue: 'exemplars' }),
        first: t.arg.int({ required: true, defaultValue: 12 }),
      },
      complexity: ({ first }) => ({ multiplier: Math.max(1, Math.min(100, first ?? 12)) / 4 }),
      resolve: (cluster, { shown, first }) => {
        checkPageSize('first', first);
        return cluster.pictures(shown, first);
      },
    }),
  }),
});

const StyleFlowRef = builder.objectRef<Flow>('StyleFlow').implement({
  authScopes,
  description: 'How many pictures went from one cluster to another.',
  fields: (t) => ({
    from: t.exposeString('from', { nullable: true, description: 'Key of the cluster; null for none.' }),
    to: t.exposeString('to', { nullable: true }),
    count: t.exposeInt('count'),
  }),
});

const StyleVersionChangesRef = builder
  .objectRef<{ readonly flows: readonly Flow[] }>('StyleVersionChanges')
  .implement({
    authScopes,
    fields: (t) => ({
      moved: t.int({
        description: 'Pictures in another cluster than before.',
        resolve: ({ flows }) => movedCount(flows),
      }),
      flows: t.field({ type: [StyleFlowRef], resolve: ({ flows }) => [...flows] }),
    }),
  });

builder.objectType(StyleVersionRef, {
  name: 'StyleSpaceVersion',
  authScopes,
  description: 'A style space as it was saved once. It never changes.',
  fields: (t) => ({
    number: t.exposeInt('number'),
    parent: t.exposeInt('parent', { nullable: true }),
    madeBy: t.exposeString('madeBy', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    edits: t.stringList({
      description: 'What was edited to make it, in words.',
      resolve: (version, _args, { services }) => services.styleSpaces.wordsOfVersion(version),
    }),
    effect: t.field({
      type: StyleEffectRef,
      nullable: true,
      description: 'What that did to recall, where it was measured before it was saved.',
      resolve: (version) => effectOf(version),
    }),
    clusters: t.field({
      type: [StyleClusterRef],
      complexity: { multiplier: 6 },
      resolve: async ({ id, spaceId, number }, _args, { services }) => {
        const clusters = await services.styleSpaces.clustersOf([id]);
        return clusters.map(
          ({ ordinal, centre: _centre, pinned: _pinned, styles, ...cluster }): ShownCluster => ({
            ...cluster,
            styles: styles as Record<string, number>,
            pictures: (shown, first) => services.styleSpaces.shown(spaceId, number, ordinal, shown, first),
          }),
        );
      },
    }),
    inNoCluster: t.field({
      type: [StylePictureRef],
      description: 'Pictures that a curator took out of every cluster.',
      args: { first: t.arg.int({ required: true, defaultValue: 24 }) },
      complexity: { multiplier: 6 },
      resolve: ({ spaceId, number }, { first }, { services }) => {
        checkPageSize('first', first);
        return services.styleSpaces.shown(spaceId, number, -1, 'all', first);
      },
    }),
    changes: t.field({
      type: StyleVersionChangesRef,
      description: 'What became of the pictures since another version.',
      args: { since: t.arg.int({ required: true }) },
      complexity: { multiplier: 10 },
      resolve: async ({ spaceId, number }, { since }, { services }) => ({
        flows: await services.styleSpaces.flows(spaceId, since, number),
      }),
    }),
    clustersUrl: t.string({
      description: 'Path of the cluster of every picture, as bytes; see the map.',
      resolve: ({ spaceId, number }) =>
        `/style-spaces/${encodeURIComponent(encodeGlobalID('StyleSpace', spaceId))}/versions/${number}/clusters`,
    }),
  }),
});
