import type { Metadata } from 'next';
import { Suspense } from 'react';
import { DatasetsPage } from '../../datasets/datasets-page';

export const metadata: Metadata = { title: 'Datasets' };

export default async function Page() {
  return (
    <Suspense>
      <DatasetsPage />
    </Suspense>
  );
}
