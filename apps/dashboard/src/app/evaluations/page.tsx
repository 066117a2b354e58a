import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EvaluationsPage } from '../../evaluations/evaluations-page';

export const metadata: Metadata = { title: 'Evaluations' };

export default async function Page() {
  return (
    <Suspense>
      <EvaluationsPage />
    </Suspense>
  );
}
