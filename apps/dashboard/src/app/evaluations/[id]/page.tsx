import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EvaluationPage } from '../../../evaluations/evaluation-page';

export const metadata: Metadata = { title: 'Evaluation' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <EvaluationPage id={decodeURIComponent(id)} />
    </Suspense>
  );
}
