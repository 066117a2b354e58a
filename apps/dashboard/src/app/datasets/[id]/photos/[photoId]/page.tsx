import type { Metadata } from 'next';
import { PhotoPage } from '../../../../../photo-page/photo-page';

export const metadata: Metadata = { title: 'Photo' };

export default async function Page({ params }: { params: Promise<{ id: string; photoId: string }> }) {
  const { id, photoId } = await params;
  return <PhotoPage datasetId={decodeURIComponent(id)} photoId={decodeURIComponent(photoId)} />;
}
