import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ModelsPage } from '../../models/models-page';

export const metadata: Metadata = { title: 'Models' };

export default async function Page() {
  return (
    <Suspense>
      <ModelsPage />
    </Suspense>
  );
}
