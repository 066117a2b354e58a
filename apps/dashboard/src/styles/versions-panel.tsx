import { Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatDateTime, formatPlural } from '../ui/format';
import { EffectTable } from './effect-table';
import { changesQuery, versionsQuery } from './style-queries';
import classes from './styles.module.css';

type VersionsPanelProps = { spaceId: string; shown: number; onShow: (version: number) => void };

/** Every version that was saved: what was edited, what it did, and what lies between two of them. */
export function VersionsPanel({ spaceId, shown, onShow }: VersionsPanelProps) {
  const versions = useQuery(versionsQuery(spaceId));
  const [since, setSince] = useState<number | null>(null);
  const rows = versions.data ?? [];
  const from = since ?? rows.find(({ number }) => number < shown)?.number ?? shown;
  const changes = useQuery(changesQuery(spaceId, shown, from));
  if (versions.error) return <ErrorPanel title="The versions could not be read" error={versions.error} />;
  if (versions.isPending) return <Skeleton height={200} mt={16} />;
  const clusterName = (version: number, key: string | null | undefined) =>
    rows.find(({ number }) => number === version)?.clusters.find((one) => one.key === key)?.name ??
    'no cluster';
  return (
    <section className={classes.section} aria-label="Versions">
      <h2 className={classes.heading}>Versions</h2>
      <ol className={classes.versions}>
        {rows.map(({ number, madeBy, createdAt, edits, effect, clusters }) => (
          <li key={number} aria-current={number === shown || undefined}>
            <p>
              <button type="button" className={classes.linkButton} onClick={() => onShow(number)}>
                Version {number}
              </button>{' '}
              <span className={classes.dim}>
                {formatPlural(clusters.length, 'cluster')} · {formatDateTime(createdAt)}
                {madeBy ? ` · ${madeBy}` : ''}
                {number === shown ? ' · shown' : ''}
              </span>
            </p>
            {edits.length === 0 ? (
              <p className={classes.dim}>As it was built.</p>
            ) : (
              <ul className={classes.editList}>
                {edits.map((words, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two edits may read alike; their order is what they are
                  <li key={at}>{words}</li>
                ))}
              </ul>
            )}
            {effect && (
              <details>
                <summary>What it did to recall</summary>
                <EffectTable effect={effect} />
              </details>
            )}
          </li>
        ))}
      </ol>
      {rows.length > 1 && (
        <>
          <div className={classes.tools}>
            <Select
              size="xs"
              w={150}
              label={`Version ${shown} since`}
              data={rows
                .filter(({ number }) => number !== shown)
                .map(({ number }) => ({ value: String(number), label: `version ${number}` }))}
              value={String(from)}
              allowDeselect={false}
              onChange={(value) => setSince(Number(value))}
            />
          </div>
          {changes.data && (
            <>
              <p className={classes.sentence}>
                {formatPlural(changes.data.moved, 'picture is', 'pictures are')} in another cluster.
              </p>
              <table className={classes.table}>
                <thead>
                  <tr>
                    {[`Version ${from}`, `Version ${shown}`, 'Pictures'].map((head) => (
                      <th key={head} scope="col">
                        {head}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {changes.data.flows
                    .filter(({ from: a, to: b }) => a !== b)
                    .map(({ from: a, to: b, count }) => (
                      <tr key={`${a} ${b}`}>
                        <td>{clusterName(from, a)}</td>
                        <td>{clusterName(shown, b)}</td>
                        <td>{formatCount(count)}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </>
          )}
        </>
      )}
    </section>
  );
}
