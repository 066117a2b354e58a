import type { Metadata } from 'next';
import { Suspense } from 'react';
import { TrainingsPage } from '../../training/trainings-page';

export const metadata: Metadata = { title: 'Training' };

export default async function Page() {
  return (
    <Suspense>
      <TrainingsPage />
    </Suspense>
  );
}
