'use client';

import { useQueries } from '@tanstack/react-query';
import { asApiError } from '../api/errors';
import classes from './query-styles.module.css';
import { type ChosenVersion, previewQuery, type StyleMaker } from './style-queries';
import { versionId, versionWord } from './style-words';

type BuildPreviewProps = {
  datasetId: string;
  makers: readonly StyleMaker[];
  chosen: readonly ChosenVersion[];
};

const PHOTOS = 6;
const ROWS = Array.from({ length: PHOTOS }, (_, row) => row);

/** Six photos, a row each, with what would be made of them, a column each. Columns fill one by one, in their places. */
export function BuildPreview({ datasetId, makers, chosen }: BuildPreviewProps) {
  const columns = useQueries({ queries: chosen.map((version) => previewQuery(datasetId, version)) });
  const photos = columns.find(({ data }) => data)?.data?.map(({ image }) => image);
  const error = columns.find((column) => column.error)?.error;
  if (chosen.length === 0) {
    return <p className={classes.previewEmpty}>Choose a maker to see it on six of your photos.</p>;
  }
  const rows = photos ? ROWS.slice(0, photos.length) : ROWS;
  return (
    <div>
      {error && (
        <p className={classes.failure} role="alert">
          {asApiError(error).message} ({asApiError(error).code})
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.preview} tabIndex={0} aria-label="Preview">
        <table aria-busy={columns.some(({ isPending }) => isPending)}>
          <thead>
            <tr>
              <th scope="col">Photo</th>
              {chosen.map((version) => (
                <th key={versionId(version)} scope="col">
                  {versionWord(version, makers)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">
                  <PreviewPicture url={photos?.[row]?.thumbnailUrl} words={photos?.[row]?.fileName ?? ''} />
                </th>
                {chosen.map((version, column) => (
                  <td key={versionId(version)}>
                    <PreviewPicture
                      url={columns[column]?.data?.[row]?.versions[0]?.url}
                      words={versionWord(version, makers)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

const PreviewPicture = ({ url, words }: { url: string | undefined; words: string }) =>
  url ? <img className={classes.picture} src={url} alt={words} /> : <span className={classes.picture} />;
