import Link from 'next/link';
import { EMPTY_FILTER } from '../photos/photo-filter';
import { photoHref } from '../photos/photo-links';
import { formatScore } from '../ui/format';
import classes from './photo-page.module.css';
import type { PhotoRecord } from './photo-queries';

/** Photos that look alike, with how alike; the same photo in another split is named as what it is, a leak. */
export function NearDuplicates({ datasetId, photo }: { datasetId: string; photo: PhotoRecord }) {
  const { nearDuplicates, split } = photo;
  if (nearDuplicates.length === 0) return null;
  return (
    <section aria-label="Near-duplicates">
      <h2 className={classes.subheading}>Near-duplicates</h2>
      <ul className={classes.likes}>
        {nearDuplicates.map(({ image, hashBits, similarity }) => (
          <li key={image.id}>
            <Link className={classes.like} href={photoHref(datasetId, image.id, EMPTY_FILTER)}>
              <img src={image.thumbnailUrl} alt={image.captions[0] ?? image.fileName} loading="lazy" />
              <span>{likeness(hashBits, similarity)}</span>
              {image.split !== split && (
                <span className={classes.leak}>leak: {image.split ?? 'no split'}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function likeness(hashBits: number | null | undefined, similarity: number | null | undefined): string {
  const bits = hashBits == null ? null : hashBits === 0 ? 'same hash' : `${hashBits} bits apart`;
  const cosine = similarity == null ? null : `cosine ${formatScore(similarity)}`;
  return [bits, cosine].filter(Boolean).join(' · ');
}
