import type { Metadata } from 'next';
import { Suspense } from 'react';
import { StylesPage } from '../../styles/styles-page';

export const metadata: Metadata = { title: 'Styles' };

export default async function Page() {
  return (
    <Suspense>
      <StylesPage />
    </Suspense>
  );
}
