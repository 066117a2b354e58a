'use client';

import { NativeSelect, SegmentedControl, Skeleton, Tabs } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DiffKind } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import { DiffEntries } from './diff-entries';
import { type Compared, type DiffCounts, diffCountsQuery, type Version } from './version-queries';
import { versionTitle } from './version-words';
import classes from './versions.module.css';

type VersionDiffProps = {
  versions: readonly Version[];
  compared: Compared;
  onCompare: (compared: Compared) => void;
};

const KINDS: readonly {
  kind: DiffKind;
  field: 'added' | 'removed' | 'changed';
  word: string;
  sign: string;
}[] = [
  { kind: 'CHANGED', field: 'changed', word: 'Changed', sign: '~' },
  { kind: 'ADDED', field: 'added', word: 'Added', sign: '+' },
  { kind: 'REMOVED', field: 'removed', word: 'Removed', sign: '−' },
];

/** What changed between two states: counts, and every entry with its picture. */
export function VersionDiff({ versions, compared, onCompare }: VersionDiffProps) {
  const { data: counts, error, refetch } = useQuery(diffCountsQuery(compared));
  return (
    <section aria-label="What changed" className={classes.diff}>
      <ComparedSelects versions={versions} compared={compared} onCompare={onCompare} />
      {error ? (
        <ErrorPanel title="The versions could not be compared" error={error} onRetry={() => void refetch()} />
      ) : counts ? (
        <DiffTabs key={`${compared.from.id} ${compared.to?.id}`} compared={compared} counts={counts} />
      ) : counts === null ? (
        <p className={classes.nothing}>There is no such version any more.</p>
      ) : (
        <Skeleton height={240} mt={16} />
      )}
    </section>
  );
}

function ComparedSelects({ versions, compared, onCompare }: VersionDiffProps) {
  const options = versions.map((version) => ({ value: version.id, label: versionTitle(version) }));
  const byId = (id: string) => versions.find((version) => version.id === id);
  return (
    <div className={classes.selects}>
      <NativeSelect
        aria-label="From"
        data={options}
        value={compared.from.id}
        onChange={({ currentTarget: { value } }) =>
          onCompare({ ...compared, from: byId(value) ?? compared.from })
        }
      />
      <IconArrowRight size={16} stroke={1.6} aria-label="to" role="img" />
      <NativeSelect
        aria-label="To"
        data={[{ value: '', label: 'Now' }, ...options]}
        value={compared.to?.id ?? ''}
        onChange={({ currentTarget: { value } }) => onCompare({ ...compared, to: byId(value) ?? null })}
      />
    </div>
  );
}

function DiffTabs({ compared, counts }: { compared: Compared; counts: DiffCounts }) {
  const totals = { changed: counts.changedCount, added: counts.addedCount, removed: counts.removedCount };
  const first = KINDS.find(({ field }) => totals[field] > 0);
  const [chosen, setChosen] = useState<DiffKind | null>(null);
  if (!first) return <p className={classes.nothing}>Nothing differs: the two hold just the same.</p>;
  return (
    <Tabs
      mt={14}
      keepMounted={false}
      value={chosen ?? first.kind}
      onChange={(value) => setChosen(KINDS.find(({ kind }) => kind === value)?.kind ?? null)}
    >
      <Tabs.List aria-label="Kinds of difference" className={classes.kinds}>
        {KINDS.map(({ kind, field, word, sign }) => (
          <Tabs.Tab key={kind} value={kind} disabled={totals[field] === 0}>
            <span className={classes.sign} data-kind={kind} aria-hidden>
              {sign}
            </span>{' '}
            {word} <span className={classes.count}>{formatCount(totals[field])}</span>
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {KINDS.map(({ kind, field }) => (
        <Tabs.Panel key={kind} value={kind} pt={14}>
          <KindPanel
            compared={compared}
            kind={kind}
            photos={counts.photos[field]}
            queries={counts.queries[field]}
          />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

type KindPanelProps = { compared: Compared; kind: DiffKind; photos: number; queries: number };

function KindPanel({ compared, kind, photos, queries }: KindPanelProps) {
  const [wantsQueries, setWantsQueries] = useState(false);
  const isQuery = photos === 0 || (wantsQueries && queries > 0);
  return (
    <>
      {photos > 0 && queries > 0 && (
        <SegmentedControl
          mb={14}
          size="xs"
          aria-label="Photos or queries"
          value={isQuery ? 'queries' : 'photos'}
          onChange={(value) => setWantsQueries(value === 'queries')}
          data={[
            { value: 'photos', label: `Photos ${formatCount(photos)}` },
            { value: 'queries', label: `Queries ${formatCount(queries)}` },
          ]}
        />
      )}
      <DiffEntries compared={compared} kind={kind} isQuery={isQuery} total={isQuery ? queries : photos} />
    </>
  );
}
