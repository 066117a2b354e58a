import { queryOptions } from '@tanstack/react-query';
import { reach, request } from '../api/client';
import { nullWhereNoId } from '../api/errors';
import {
  StyleDraftPicturesDocument,
  StyleDraftRecordDocument,
  type StyleDraftRecordFragment,
  StyleDriftDocument,
  StylePicturesDocument,
  type StylePictureTileFragment,
  StyleSpaceNamesDocument,
  StyleSpaceRecordDocument,
  type StyleSpaceRecordQuery,
  StyleSpacesDocument,
  type StyleSpacesQuery,
  StyleVersionChangesDocument,
  StyleVersionsDocument,
} from '../generated/graphql';
import { parseClusters, parseMap } from './map-data';

export type StyleSpaceListed = StyleSpacesQuery['styleSpaces']['edges'][number]['node'];
export type StyleSpace = Extract<NonNullable<StyleSpaceRecordQuery['node']>, { __typename: 'StyleSpace' }>;
export type StyleDraft = StyleDraftRecordFragment;
export type StyleCluster = StyleDraft['clusters'][number];
export type StylePicture = StylePictureTileFragment;

/** Every key that starts with this is read anew when a space changes. */
export const STYLES_KEY = ['styles'] as const;

const UNFINISHED_MS = 1500;

export const styleSpacesQuery = () =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'list'],
    queryFn: async ({ signal }) => {
      const { styleSpaces } = await request(StyleSpacesDocument, {}, signal);
      return { total: styleSpaces.totalCount, rows: styleSpaces.edges.map(({ node }) => node) };
    },
    refetchInterval: ({ state }) =>
      state.data?.rows.some((row) => row.state === 'BUILDING') ? UNFINISHED_MS : false,
  });

export const styleSpaceNamesQuery = () =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'names'],
    queryFn: async ({ signal }) =>
      (await request(StyleSpaceNamesDocument, {}, signal)).styleSpaces.edges.map(({ node }) => node),
    staleTime: 30_000,
  });

export const styleSpaceQuery = (id: string, version: number | null) =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'one', id, version],
    queryFn: async ({ signal }) => {
      const answer = await nullWhereNoId(request(StyleSpaceRecordDocument, { id, version }, signal));
      return answer?.node?.__typename === 'StyleSpace' ? answer.node : null;
    },
    placeholderData: (before) => (before?.id === id ? before : undefined),
    refetchInterval: ({ state }) => (state.data?.state === 'BUILDING' ? UNFINISHED_MS : false),
  });

const isOpen = (state: string | undefined) => state === 'QUEUED' || state === 'RUNNING';

export const draftKey = (id: string) => [...STYLES_KEY, 'draft', id] as const;

export const draftQuery = (id: string | null) =>
  queryOptions({
    queryKey: draftKey(id ?? ''),
    queryFn: async ({ signal }) => {
      const answer = await nullWhereNoId(request(StyleDraftRecordDocument, { id: id ?? '' }, signal));
      return answer?.node?.__typename === 'StyleDraft' ? answer.node : null;
    },
    enabled: id !== null,
    refetchInterval: ({ state }) => (isOpen(state.data?.job?.state) ? UNFINISHED_MS : false),
  });

/** What was asked of a draft and is being measured. */
export const isMeasuring = (draft: StyleDraft) => isOpen(draft.job?.state);

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'versions', id],
    queryFn: async ({ signal }) => {
      const { node } = await request(StyleVersionsDocument, { id }, signal);
      return node?.__typename === 'StyleSpace' ? node.versions : [];
    },
  });

export const changesQuery = (id: string, version: number, since: number) =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'changes', id, version, since],
    queryFn: async ({ signal }) => {
      const { node } = await request(StyleVersionChangesDocument, { id, version, since }, signal);
      return node?.__typename === 'StyleSpace' ? (node.version?.changes ?? null) : null;
    },
    enabled: version !== since,
  });

export const driftQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'drift', id, days],
    queryFn: async ({ signal }) => {
      const { node } = await request(StyleDriftDocument, { id, days }, signal);
      return node?.__typename === 'StyleSpace' ? node.drift : [];
    },
  });

/** Whose places of pictures are meant: a version's, or a draft's at one revision. */
export type Standing = {
  readonly spaceId: string;
  readonly version: number;
  readonly draft: { readonly id: string; readonly revision: number } | null;
};

export const picturesQuery = (standing: Standing, indexes: readonly number[]) =>
  queryOptions({
    queryKey: [...STYLES_KEY, 'pictures', standing, indexes],
    queryFn: async ({ signal }): Promise<readonly StylePicture[]> => {
      const { spaceId, version, draft } = standing;
      const wanted = { indexes: [...indexes] };
      if (draft !== null) {
        const { node } = await request(StyleDraftPicturesDocument, { id: draft.id, ...wanted }, signal);
        return node?.__typename === 'StyleDraft' ? node.pictures : [];
      }
      const { node } = await request(StylePicturesDocument, { id: spaceId, version, ...wanted }, signal);
      return node?.__typename === 'StyleSpace' ? node.pictures : [];
    },
    enabled: indexes.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });

/** Places of all pictures: they never change. */
export const mapQuery = (url: string) =>
  queryOptions({
    queryKey: ['style-map', url],
    queryFn: async ({ signal }) => parseMap(await bytes(url, signal)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

/** The cluster of every picture, of one version or one revision of a draft. */
export const clustersQuery = (url: string) =>
  queryOptions({
    queryKey: ['style-clusters', url],
    queryFn: async ({ signal }) => parseClusters(await bytes(url, signal)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    placeholderData: (before) => before,
  });

async function bytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const response = await reach(url, { signal });
  if (!response.ok) throw new Error(`The server answered ${response.status} instead of the map.`);
  return response.arrayBuffer();
}
