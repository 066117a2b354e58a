'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { asApiError } from '../api/errors';
import { theme } from './theme';

/** One retry, and only where it can help: a wrong request stays wrong. */
const retry = (failures: number, error: unknown) => failures < 1 && asApiError(error).retryable;

const makeQueryClient = () =>
  new QueryClient({ defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: false } } });

/** Theme, notices and the cache of API answers, for every page. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Notifications position="top-right" limit={3} />
        {children}
      </MantineProvider>
    </QueryClientProvider>
  );
}
