import { IconExternalLink } from '@tabler/icons-react';
import Link from 'next/link';
import { formatBytes } from './format';
import type { LargePhoto } from './photo-modal';
import classes from './photo-modal.module.css';

type Facts = LargePhoto & {
  byteSize: number;
  class?: string | null;
  fileUrl: string;
  dataset?: { id: string; name: string };
};

/** What is known of a photo: its captions, its file, where it belongs. */
export function PhotoFacts({ photo }: { photo: Facts }) {
  return (
    <>
      {photo.captions.length > 0 && (
        <div>
          <h3 className={classes.subheading}>Captions</h3>
          <ul className={classes.captions}>
            {photo.captions.map((caption) => (
              <li key={caption}>{caption}</li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <h3 className={classes.subheading}>File</h3>
        <p className={classes.fact}>{photo.fileName}</p>
        <p className={classes.fact}>
          {photo.width} × {photo.height} px · {formatBytes(photo.byteSize)}
          {photo.class ? ` · ${photo.class}` : ''}
        </p>
        <p className={classes.fact}>
          {photo.dataset && (
            <>
              in <Link href={`/datasets/${encodeURIComponent(photo.dataset.id)}`}>{photo.dataset.name}</Link>{' '}
              ·{' '}
            </>
          )}
          <a href={photo.fileUrl} target="_blank" rel="noreferrer">
            Original <IconExternalLink size={12} aria-hidden />
          </a>
        </p>
      </div>
    </>
  );
}
