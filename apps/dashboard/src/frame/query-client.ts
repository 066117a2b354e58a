import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { asApiError } from '../api/errors';
import { SESSION_KEY } from '../session/session-query';

/** One retry, and only where it can help: a wrong request stays wrong. */
const retry = (failures: number, error: unknown) => failures < 1 && asApiError(error).retryable;

/** The cache of API answers. */
export function makeQueryClient(): QueryClient {
  // Whoever finds the server gone, or closed, has the frame look at once.
  const onError = (error: unknown) => {
    const { code } = asApiError(error);
    if (code === 'UNREACHABLE' || code === 'UNAUTHENTICATED')
      void client.invalidateQueries({ queryKey: SESSION_KEY });
  };
  // The server is this machine or one close by: what the browser thinks of the internet says nothing about it.
  const networkMode = 'always';
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (queryKey[0] !== SESSION_KEY[0]) onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry, networkMode, staleTime: 5_000, refetchOnWindowFocus: false },
      mutations: { networkMode },
    },
  });
  return client;
}
