'use client';

import { Button, Select, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import type { AuditOutcome } from '../generated/graphql';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { ForbiddenPanel, isForbidden } from '../ui/forbidden-panel';
import { formatDateTime, formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { type AuditRow, auditQuery } from './access-queries';
import classes from './settings.module.css';

const OUTCOMES: Record<AuditOutcome, string> = {
  DONE: 'done',
  REFUSED: 'refused',
  FAILED: 'failed',
  BEGUN: 'end not known',
};

/** "changeImages" → "change images", "SIGN_IN" → "sign in". */
const actionWords = (action: string): string =>
  action
    .replaceAll('_', ' ')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();

/** Who did what, when, from where; newest first. */
export function AuditPage() {
  const [who, setWho] = useState('');
  const [action, setAction] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<string | null>(null);
  const [datasetId, setDatasetId] = useState<string | null>(null);
  const [from, setFrom] = useState('');
  const [asked] = useDebouncedValue(who.trim(), 300);
  const datasets = useQuery(datasetNamesQuery());
  const log = useInfiniteQuery(
    auditQuery({
      who: asked || null,
      action,
      outcome: outcome as AuditOutcome | null,
      datasetId,
      from: from === '' ? null : from,
    }),
  );
  const first = log.data?.pages[0];
  const entries = log.data?.pages.flatMap((page) => page.auditEntries.edges.map(({ node }) => node)) ?? [];
  if (isForbidden(log.error)) {
    return (
      <ForbiddenPanel title="Audit log">
        Administrators who see all datasets read the audit log. Ask one of them for the role, or go back.
      </ForbiddenPanel>
    );
  }
  return (
    <div className={classes.wide}>
      <PageHeader
        title="Audit log"
        state={first && formatPlural(first.auditEntries.totalCount, 'entry', 'entries')}
        action={
          <Button component={Link} href="/settings" variant="default" size="xs">
            Settings
          </Button>
        }
      />
      <div className={classes.filters}>
        <TextInput
          label="Who"
          value={who}
          onChange={({ currentTarget }) => setWho(currentTarget.value)}
          w={180}
        />
        <Select
          label="What"
          placeholder="Everything"
          data={(first?.auditActions ?? []).map((value) => ({ value, label: actionWords(value) }))}
          value={action}
          onChange={setAction}
          clearable
          searchable
          w={190}
        />
        <Select
          label="Outcome"
          placeholder="Any"
          data={Object.entries(OUTCOMES).map(([value, label]) => ({ value, label }))}
          value={outcome}
          onChange={setOutcome}
          clearable
          w={140}
        />
        <Select
          label="Dataset"
          placeholder="Any"
          data={(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={datasetId}
          onChange={setDatasetId}
          clearable
          w={180}
        />
        <TextInput
          label="From"
          type="date"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
          w={150}
        />
      </div>
      {log.error ? (
        <ErrorPanel
          title="The audit log could not be read"
          error={log.error}
          onRetry={() => void log.refetch()}
        />
      ) : !log.data ? (
        <Skeleton height={240} radius="md" role="status" aria-label="Loading the audit log" />
      ) : entries.length === 0 ? (
        <EmptyPanel title="No such entry">Nothing that was done meets these filters.</EmptyPanel>
      ) : (
        <ol className={classes.rows} aria-label="Entries, newest first">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Earlier entries
        </Button>
      )}
    </div>
  );
}

function Entry({ entry }: { entry: AuditRow }) {
  const { at, who, action, outcome, code, address, traceId, detail, dataset } = entry;
  const asked = JSON.stringify(detail, null, 2);
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <strong>{actionWords(action)}</strong>{' '}
        <span className={classes.badge} data-outcome={outcome}>
          {OUTCOMES[outcome]}
          {code && ` · ${code}`}
        </span>
        <span className={classes.dim}>
          {who}
          {address && ` · from ${address}`}
          {dataset && ` · ${dataset.name}`}
        </span>
        {(asked !== '{}' || traceId) && (
          <details className={classes.detail}>
            <summary>What was asked</summary>
            <pre>{asked}</pre>
            {traceId && <p>Trace {traceId}</p>}
          </details>
        )}
      </div>
      <time className={classes.when} dateTime={at}>
        {formatDateTime(at)}
      </time>
    </li>
  );
}
