import type { StyleEffectFiguresFragment } from '../generated/graphql';
import { formatCount, formatPlural } from '../ui/format';
import classes from './styles.module.css';

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const points = (share: number) =>
  `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(100 * share).toFixed(1)}`;

/** What edits do to recall, style by style: a sentence first, then the figures. */
export function EffectTable({ effect }: { effect: StyleEffectFiguresFragment }) {
  const told = effect.styles.filter(({ low, high }) => low > 0 || high < 0);
  return (
    <div className={classes.effect}>
      <p>
        {told.length === 0
          ? 'No difference of recall can be told. '
          : `${told
              .map(
                ({ style, hitAt1Before, hitAt1After }) =>
                  `${style} is ${hitAt1After > hitAt1Before ? 'better' : 'worse'} by ${Math.abs(100 * (hitAt1After - hitAt1Before)).toFixed(1)} points`,
              )
              .join('; ')}. `}
        {formatPlural(effect.changed, 'query changes', 'queries change')} cluster.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className={classes.wide} tabIndex={0} aria-label="Effect on recall">
        <table className={classes.table}>
          <thead>
            <tr>
              {['Style', 'Queries', 'Change cluster', 'hit@1 before', 'after', 'difference', 'hit@10'].map(
                (head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {effect.styles.map((row) => (
              <tr key={row.style}>
                <th scope="row">{row.style}</th>
                <td>{formatCount(row.queries)}</td>
                <td>{formatCount(row.changed)}</td>
                <td>{percent(row.hitAt1Before)}</td>
                <td>{percent(row.hitAt1After)}</td>
                <td>
                  {points(row.hitAt1After - row.hitAt1Before)}{' '}
                  <span className={classes.dim}>
                    [{points(row.low)}, {points(row.high)}]
                  </span>
                </td>
                <td>
                  {percent(row.hitAt10Before)} → {percent(row.hitAt10After)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className={classes.dim}>
        {effect.encoder} over the clusters before and after, before any training on them;{' '}
        {effect.split ? `split ${effect.split}` : 'all queries'}, gallery of {formatCount(effect.gallery)}{' '}
        photos; 95 % intervals over targets.
      </p>
    </div>
  );
}
