import { queryOptions } from '@tanstack/react-query';
import { readSession } from '../api/session';

export const SESSION_KEY = ['session'] as const;

const ASK_AGAIN_MS = 3_000;

/** Whether the server is there and lets this browser in; while it does not answer, it is asked again and again. */
export const sessionQuery = () =>
  queryOptions({
    queryKey: SESSION_KEY,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchInterval: ({ state }) => (state.status === 'error' ? ASK_AGAIN_MS : false),
  });
