'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import { PartImageDocument } from '../generated/graphql';
import { partName, partPictureUrl } from './part-look';
import classes from './part-picture.module.css';
import type { Part } from './query';

/** The picture of a part: an upload by its id, a photo of the gallery by its record. Words have none. */
export function PartPicture({ part, className }: { part: Part; className?: string | undefined }) {
  if (part.kind === 'photo') return <GalleryPicture imageId={part.imageId} className={className} />;
  const url = partPictureUrl(part);
  return url && <Picture key={url} url={url} alt={partName(part)} className={className} />;
}

/** A photo of the gallery by its id, which is all that a link carries. */
function GalleryPicture({ imageId, className }: { imageId: string; className: string | undefined }) {
  const { data, isError } = useQuery({
    queryKey: ['part-image', imageId],
    queryFn: async ({ signal }) => (await request(PartImageDocument, { id: imageId }, signal)).image ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === null || isError) return <Gone />;
  return (
    data && <Picture url={data.thumbnailUrl} alt={data.captions[0] ?? data.fileName} className={className} />
  );
}

type PictureProps = { url: string; alt: string; className: string | undefined };

function Picture({ url, alt, className }: PictureProps) {
  const [isGone, setGone] = useState(false);
  if (isGone) return <Gone />;
  return <img className={className} src={url} alt={alt} onError={() => setGone(true)} />;
}

/** In place of a picture that the server no longer has. */
const Gone = () => <span className={classes.gone}>gone</span>;
