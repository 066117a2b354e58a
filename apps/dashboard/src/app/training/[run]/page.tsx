import type { Metadata } from 'next';
import { Suspense } from 'react';
import { RunPage } from '../../../training/run-page';

export const metadata: Metadata = { title: 'Training' };

export default async function Page({ params }: { params: Promise<{ run: string }> }) {
  const { run } = await params;
  return (
    <Suspense>
      <RunPage id={decodeURIComponent(run)} />
    </Suspense>
  );
}
