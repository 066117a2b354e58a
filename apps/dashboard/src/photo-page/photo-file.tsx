import { IconExternalLink } from '@tabler/icons-react';
import { CopyButton } from '../ui/copy-button';
import { formatBytes, formatDateTime } from '../ui/format';
import classes from './photo-page.module.css';
import type { PhotoRecord } from './photo-queries';

const SHOWN_HASH = 16;

/** The file itself, and the attributes that came with it. */
export function PhotoFile({ photo }: { photo: PhotoRecord }) {
  const { fileName, width, height, byteSize, createdAt, contentHash, fileUrl, attributes } = photo;
  return (
    <section aria-label="File">
      <h2 className={classes.subheading}>File</h2>
      <dl className={classes.list}>
        <dt>Name</dt>
        <dd>{fileName}</dd>
        <dt>Size</dt>
        <dd>
          {width} × {height} px · {formatBytes(byteSize)}
        </dd>
        <dt>Added</dt>
        <dd>{formatDateTime(createdAt)}</dd>
        <dt>SHA-256</dt>
        <dd>
          <CopyButton value={contentHash}>
            {({ copied, copy }) => (
              <button type="button" className={classes.hash} onClick={copy} title={contentHash}>
                {copied ? 'copied' : `${contentHash.slice(0, SHOWN_HASH)}…`}
              </button>
            )}
          </CopyButton>
        </dd>
        {attributes.map(({ name, value }) => (
          <Attribute key={name} name={name} value={value} />
        ))}
      </dl>
      <p className={classes.fact}>
        <a href={fileUrl} target="_blank" rel="noreferrer">
          Original <IconExternalLink size={12} aria-hidden />
        </a>
      </p>
    </section>
  );
}

const Attribute = ({ name, value }: { name: string; value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
);
