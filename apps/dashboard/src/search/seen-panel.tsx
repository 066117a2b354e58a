'use client';

import { useMediaQuery } from '@mantine/hooks';
import { formatShare } from '../ui/format';
import { partColour, partName, styleLabel } from './part-look';
import { PartPicture } from './part-picture';
import { isMixed, type Part, partByReport } from './query';
import { SeenClusters } from './seen-clusters';
import classes from './seen-panel.module.css';
import type { SearchPage } from './use-search-results';

type SeenPanelProps = { parts: readonly Part[]; report: SearchPage | undefined };

/** What the model saw in each picture of the query: its style, how sure it is, and the weights behind that. */
export function SeenPanel({ parts, report }: SeenPanelProps) {
  const seen = (report?.parts ?? []).flatMap((partReport) => {
    const part = partByReport(parts, report?.parts ?? [], partReport);
    return part && partReport.style ? [{ part, style: partReport.style }] : [];
  });
  return (
    <section className={classes.panel} aria-label="What we saw">
      <h2 className={classes.heading}>What we saw</h2>
      {seen.length === 0 && (
        <p className={classes.note}>The style of each picture shows here once it is searched.</p>
      )}
      {seen.map(({ part, style }) => (
        <SeenPart
          key={part.key}
          part={part}
          place={isMixed(parts) ? parts.indexOf(part) : null}
          style={style}
        />
      ))}
    </section>
  );
}

type Style = NonNullable<SearchPage['parts'][number]['style']>;

type SeenPartProps = {
  part: Part;
  /** Its place among several parts; null for one that is alone. */
  place: number | null;
  style: Style;
};

function SeenPart({ part, place, style }: SeenPartProps) {
  // On a phone the photos come first: the weights behind the style open on a tap.
  const isWide = useMediaQuery('(min-width: 62em)') ?? true;
  const weights = [...style.weights].sort((a, b) => b.weight - a.weight);
  return (
    <details className={classes.part} open={isWide}>
      <summary className={classes.top}>
        {place !== null && (
          <span className={classes.number} style={{ background: partColour(place) }} aria-hidden>
            {place + 1}
          </span>
        )}
        <PartPicture part={part} className={classes.thumb} />
        <div>
          <p className={classes.detected}>{styleLabel(style.detected)}</p>
          <p className={classes.note}>
            {part.kind !== 'text' && part.style !== 'AUTO'
              ? `set by you to ${styleLabel(part.style)}`
              : `${formatShare(style.confidence)} sure`}
          </p>
        </div>
      </summary>
      {!style.known && (
        <p className={classes.unknown}>Outside every style the model knows: expect weaker hits.</p>
      )}
      <table className={classes.table} aria-label={`Style weights of ${partName(part)}`}>
        <tbody>
          {weights.map(({ style: name, weight }) => (
            <tr key={name}>
              <th scope="row">{styleLabel(name)}</th>
              <td className={classes.barCell}>
                <span className={classes.bar} style={{ width: `${Math.max(1, weight * 100)}%` }} />
              </td>
              <td className={classes.share}>{formatShare(weight)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {style.clusters && <SeenClusters clusters={style.clusters} />}
    </details>
  );
}
