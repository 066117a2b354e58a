import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ImportPage } from '../../../imports/import-page';

export const metadata: Metadata = { title: 'New import' };

export default async function Page() {
  return (
    <Suspense>
      <ImportPage />
    </Suspense>
  );
}
