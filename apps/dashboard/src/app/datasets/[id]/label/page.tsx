import type { Metadata } from 'next';
import { LabellingPage } from '../../../../labelling/labelling-page';

export const metadata: Metadata = { title: 'Label photos' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <LabellingPage datasetId={decodeURIComponent(id)} />;
}
