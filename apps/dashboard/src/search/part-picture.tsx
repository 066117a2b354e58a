'use client';

import { useQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { PartImageDocument } from '../generated/graphql';
import { partName, partPictureUrl } from './part-look';
import type { Part } from './query';

/** The picture of a part: an upload by its id, a photo of the gallery by its record. Words have none. */
export function PartPicture({ part, className }: { part: Part; className?: string | undefined }) {
  if (part.kind === 'photo') return <GalleryPicture imageId={part.imageId} className={className} />;
  const url = partPictureUrl(part);
  return url && <img className={className} src={url} alt={partName(part)} />;
}

/** A photo of the gallery by its id, which is all that a link carries. */
function GalleryPicture({ imageId, className }: { imageId: string; className: string | undefined }) {
  const { data } = useQuery({
    queryKey: ['part-image', imageId],
    queryFn: async ({ signal }) => (await request(PartImageDocument, { id: imageId }, signal)).image ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === null) return <span>gone</span>;
  return (
    data && <img className={className} src={data.thumbnailUrl} alt={data.captions[0] ?? data.fileName} />
  );
}
