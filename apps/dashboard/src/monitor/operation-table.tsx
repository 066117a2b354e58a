import type { MonitorQuery } from '../generated/graphql';
import { formatCount, formatMs } from '../ui/format';
import classes from './monitor.module.css';

type Operation = MonitorQuery['monitor']['operations'][number];

/** Each kind of operation with its times on one scale; the figures stand beside the bars. */
export function OperationTable({ operations }: { operations: readonly Operation[] }) {
  if (operations.length === 0) return <p className={classes.foot}>Nothing was asked yet.</p>;
  const longest = Math.max(...operations.map(({ p99Ms }) => p99Ms ?? 0), 1);
  // By its root, so that what takes milliseconds can be seen beside what takes seconds.
  const share = (ms: number | null | undefined, of = longest) =>
    `${(100 * Math.sqrt((ms ?? 0) / of)).toFixed(1)}%`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways is scrolled by the keyboard too
    <section className={classes.scroll} tabIndex={0} aria-label="Times of operations">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Answered</th>
            <th scope="col">Errors</th>
            <th scope="col">Half</th>
            <th scope="col">95 of 100</th>
            <th scope="col">99 of 100</th>
            <th scope="col" className={classes.barHead} aria-hidden />
          </tr>
        </thead>
        <tbody>
          {operations.map(({ field, count, errors, p50Ms, p95Ms, p99Ms }) => (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{formatCount(count)}</td>
              <td data-bad={errors > 0 || undefined}>{formatCount(errors)}</td>
              <td>{words(p50Ms)}</td>
              <td>{words(p95Ms)}</td>
              <td>{words(p99Ms)}</td>
              <td className={classes.barCell} aria-hidden>
                <span className={classes.bar} style={{ width: share(p99Ms) }}>
                  <span style={{ width: share(p50Ms, p99Ms ?? longest) }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const words = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '–' : formatMs(ms);
