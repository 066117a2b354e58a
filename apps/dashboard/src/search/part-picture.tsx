'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request, uploadThumbnailUrl } from '../api/client';
import { PartImageDocument } from '../generated/graphql';
import { partName } from './part-look';
import classes from './part-picture.module.css';
import type { Part } from './query';

/** The picture of a part: an upload by its id, a photo of the gallery by its record. Words have none. */
export function PartPicture({ part, className }: { part: Part; className?: string | undefined }) {
  if (part.kind === 'photo') return <GalleryPicture imageId={part.imageId} className={className} />;
  if (part.kind === 'text' || !part.uploadId) return null;
  const url = uploadThumbnailUrl(part.uploadId);
  return <Picture key={url} url={url} alt={partName(part)} className={className} />;
}

/** A photo of the gallery by its id, which is all that a link carries. */
function GalleryPicture({ imageId, className }: { imageId: string; className: string | undefined }) {
  const { data, isError } = useQuery({
    queryKey: ['part-image', imageId],
    queryFn: async ({ signal }) => (await request(PartImageDocument, { id: imageId }, signal)).image ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data === null) return <Instead>gone</Instead>;
  if (isError) return <Instead>not shown</Instead>;
  return (
    data && <Picture url={data.thumbnailUrl} alt={data.captions[0] ?? data.fileName} className={className} />
  );
}

type PictureProps = { url: string; alt: string; className: string | undefined };

function Picture({ url, alt, className }: PictureProps) {
  const [failed, setFailed] = useState(false);
  // Gone, damaged or out of reach: a browser does not tell which.
  if (failed) return <Instead>not shown</Instead>;
  return <img className={className} src={url} alt={alt} onError={() => setFailed(true)} />;
}

/** A word in place of a picture. */
const Instead = ({ children }: { children: string }) => <span className={classes.instead}>{children}</span>;
