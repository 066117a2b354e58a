import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ModelPage } from '../../../models/model-page';

export const metadata: Metadata = { title: 'Model' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <ModelPage id={decodeURIComponent(id)} />
    </Suspense>
  );
}
