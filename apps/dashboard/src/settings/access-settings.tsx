'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { ErrorPanel } from '../ui/error-panel';
import { accessQuery } from './access-queries';
import { KeysPanel } from './keys-panel';
import { PeoplePanel } from './people-panel';
import { RetentionPanel } from './retention-panel';
import { SessionList } from './session-list';
import classes from './settings.module.css';

/** Keys, people, sessions, the audit log and how long what is kept, to those who may see them. */
export function AccessSettings() {
  const { data, error, refetch } = useQuery(accessQuery());
  if (error)
    return <ErrorPanel title="The settings could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={200} radius="md" role="status" aria-label="Loading who may come in" />;
  const { viewer, sessions, retention } = data;
  const administers = viewer.role === 'ADMIN' && viewer.seesAllDatasets;
  return (
    <>
      {sessions.length > 0 && <SessionList sessions={sessions} />}
      {administers && <KeysPanel />}
      {administers && <PeoplePanel />}
      <section className={classes.section} aria-labelledby="audit">
        <h2 className={classes.heading} id="audit">
          Audit log
        </h2>
        <p className={classes.hint}>
          Every change, and every sign-in: who, what, from where.{' '}
          {administers ? (
            <Link href="/settings/audit">Open the audit log</Link>
          ) : (
            'Administrators may read it.'
          )}
        </p>
      </section>
      <RetentionPanel {...retention} />
    </>
  );
}
