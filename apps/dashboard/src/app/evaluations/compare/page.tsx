import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ComparePage } from '../../../evaluations/compare-page';

export const metadata: Metadata = { title: 'Compare evaluations' };

export default async function Page() {
  return (
    <Suspense>
      <ComparePage />
    </Suspense>
  );
}
