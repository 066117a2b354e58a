import type { Metadata } from 'next';
import { Suspense } from 'react';
import { StyleSpacePage } from '../../../styles/style-space-page';

export const metadata: Metadata = { title: 'Style space' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return (
    <Suspense>
      <StyleSpacePage id={decodeURIComponent(id)} />
    </Suspense>
  );
}
