import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api/client';
import { ApiError } from '../api/errors';
import {
  AccessDocument,
  ApiKeysDocument,
  type ApiKeysQuery,
  AuditLogDocument,
  type AuditLogQuery,
  type AuditLogQueryVariables,
  PeopleDocument,
  type PeopleQuery,
  type Role,
} from '../generated/graphql';

export const ACCESS_KEY = ['access'] as const;

export type KeyRow = ApiKeysQuery['apiKeys']['edges'][number]['node'];
export type PersonRow = PeopleQuery['people']['edges'][number]['node'];
export type AuditRow = AuditLogQuery['auditEntries']['edges'][number]['node'];
export type AuditFilter = Omit<AuditLogQueryVariables, 'after'>;

export const ROLE_WORDS: Record<Role, string> = {
  VIEWER: 'Viewer: searches and looks',
  CURATOR: 'Curator: imports, changes, trains and judges as well',
  ADMIN: 'Administrator: everything',
};

export const ROLE_CHOICES = (['VIEWER', 'CURATOR', 'ADMIN'] as const).map((value) => ({
  value,
  label: ROLE_WORDS[value],
}));

/** Who is asking, their sessions, and how long what is kept. */
export const accessQuery = () =>
  queryOptions({
    queryKey: [...ACCESS_KEY, 'me'],
    queryFn: ({ signal }) => request(AccessDocument, {}, signal),
  });

export const keysQuery = () =>
  queryOptions({
    queryKey: [...ACCESS_KEY, 'keys'],
    queryFn: async ({ signal }) =>
      (await request(ApiKeysDocument, {}, signal)).apiKeys.edges.map(({ node }) => node),
  });

export const peopleQuery = () =>
  queryOptions({
    queryKey: [...ACCESS_KEY, 'people'],
    queryFn: async ({ signal }) =>
      (await request(PeopleDocument, {}, signal)).people.edges.map(({ node }) => node),
  });

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...ACCESS_KEY, 'audit', filter],
    queryFn: ({ pageParam, signal }) => request(AuditLogDocument, { ...filter, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ auditEntries: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
  });

/** An answer of a mutation that is an error, as what it is. */
export function requireSuccess<Answer extends { __typename: string }>(answer: Answer): Answer {
  if ('message' in answer && 'code' in answer)
    throw new ApiError(String(answer.message), String(answer.code));
  return answer;
}
