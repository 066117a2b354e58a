import { formatScore } from '../ui/format';
import classes from './contribution-table.module.css';
import { partColour, partName } from './part-look';
import { type Part, partByReport } from './query';
import type { Hit, SearchPage } from './use-search-results';

type ContributionTableProps = { hit: Hit; parts: readonly Part[]; reports: SearchPage['parts'] };

/** How a score came about, part by part; the last column adds up to the score. */
export function ContributionTable({ hit, parts, reports }: ContributionTableProps) {
  const note =
    hit.contributions.length > 1
      ? 'Each likeness counts by how far it lies above what is usual for its kind; words count by how many of them stand with the photo.'
      : null;
  return (
    <table className={classes.sums} aria-label="How the score came about">
      {note && <caption>{note}</caption>}
      <thead>
        <tr>
          <th scope="col">Part</th>
          <th scope="col">Likeness</th>
          <th scope="col">Weight</th>
          <th scope="col">Adds</th>
        </tr>
      </thead>
      <tbody>
        {hit.contributions.map(
          ({ part: index, kind, negative, similarity, coverage, weight, value }, row) => {
            const part = partByReport(parts, reports, { index, negative });
            const place = part ? parts.indexOf(part) : row;
            return (
              <tr key={`${kind}${negative}${index}`}>
                <th scope="row">
                  <span className={classes.part}>
                    <span className={classes.number} style={{ background: partColour(place) }} aria-hidden>
                      {place + 1}
                    </span>
                    <span className={classes.partName}>{part ? partName(part) : `Part ${place + 1}`}</span>
                    {kind === 'WORDS' && <span className={classes.by}>its words</span>}
                  </span>
                </th>
                <td>
                  {kind === 'WORDS' ? `${Math.round((coverage ?? 0) * 100)} %` : formatScore(similarity)}
                </td>
                <td>
                  {negative ? '−' : ''}
                  {Math.abs(weight).toFixed(2)}
                </td>
                <td>{formatScore(value)}</td>
              </tr>
            );
          },
        )}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Score
          </th>
          <td>{formatScore(hit.score)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
