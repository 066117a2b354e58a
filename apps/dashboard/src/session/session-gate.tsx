'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ClosedPage } from './closed-page';
import { sessionQuery } from './session-query';
import { SignInPage } from './sign-in-page';

/** Shows the pages to those who may see them (they hold no data by themselves); the address stays, so that a link still opens after signing in. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data } = useQuery(sessionQuery());
  if (data?.access === 'TOKEN') return <SignInPage ways={data.ways} expired={data.expired} />;
  if (data?.access === 'CLOSED') return <ClosedPage />;
  return children;
}
