import Link from 'next/link';
import { formatDate } from '../ui/format';
import classes from './photo-page.module.css';
import type { PhotoRecord } from './photo-queries';

/** The dataset's versions that hold the photo. */
export function PhotoUses({ datasetId, photo }: { datasetId: string; photo: PhotoRecord }) {
  const { versions } = photo;
  return (
    <section aria-label="Where it was used">
      <h2 className={classes.subheading}>Used in</h2>
      {versions.length === 0 ? (
        <p className={classes.fact}>No version of the dataset holds it yet.</p>
      ) : (
        <ul className={classes.uses}>
          {versions.map(({ id, number, name, createdAt }) => (
            <li key={id}>
              <Link className={classes.use} href={`/datasets/${encodeURIComponent(datasetId)}?tab=versions`}>
                Version {number}
                {name && ` · ${name}`}
              </Link>
              <span className={classes.date}>{formatDate(createdAt)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
