'use client';

import { Badge, Button, Group, Modal, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatBytes, formatDate, formatDateTime } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { CardText } from './card-text';
import { GatePanel } from './gate-panel';
import { modelQuery } from './model-queries';
import { modelHref, originWords, PROMOTION_WORDS } from './model-words';
import classes from './models.module.css';
import { useModelActions } from './use-model-actions';

/** A model's card: what it is, what it was made from, how good it is, when it answered, and the gate before it does. */
export function ModelPage({ id }: { id: string }) {
  const model = useQuery(modelQuery(id));
  if (model.error)
    return (
      <ErrorPanel
        title="The model could not be read"
        error={model.error}
        onRetry={() => void model.refetch()}
      />
    );
  if (model.isPending) return <Skeleton height={420} />;
  const one = model.data;
  if (one === null)
    return (
      <EmptyPanel title="There is no such model" isPage>
        It was deleted, or the address is not whole.
      </EmptyPanel>
    );
  const facts = (one.facts ?? {}) as {
    training?: Record<string, unknown>;
    evaluation?: Record<string, unknown>;
    config?: { tuning?: Record<string, unknown> };
  };
  return (
    <>
      <PageHeader
        title={
          <>
            {one.name}{' '}
            {one.isLive && (
              <Badge tt="none" variant="default" c="var(--good)">
                live
              </Badge>
            )}
          </>
        }
        state={`${one.kind === 'BACKBONE' ? 'backbone' : 'query encoder'} · ${one.dimensions} dimensions · ${formatBytes(one.byteSize)} · ${originWords(one)}`}
        action={
          <DeleteModel
            id={one.id}
            name={one.name}
            bytes={one.byteSize}
            disabled={one.isLive || one.origin === 'STARTED'}
          />
        }
      />
      {one.trouble && <p className={classes.refusal}>{one.trouble}</p>}
      {!one.isLive && !one.trouble && (
        <section className={classes.section}>
          <h2 className={classes.heading}>Before it answers</h2>
          <GatePanel modelId={one.id} name={one.name} />
        </section>
      )}
      <section className={classes.section}>
        <h2 className={classes.heading}>Card</h2>
        <dl className={classes.facts}>
          <dt>Licence</dt>
          <dd>{one.licence ?? 'not stated'}</dd>
          {one.kind === 'QUERY_ENCODER' && (
            <>
              <dt>Stands on</dt>
              <dd>
                {one.backbone ? (
                  <Link href={modelHref(one.backbone.id)}>{one.backbone.name}</Link>
                ) : (
                  'a backbone that is not here'
                )}
              </dd>
            </>
          )}
          {one.training && (
            <>
              <dt>Trained by</dt>
              <dd>
                <Link href={`/training/${encodeURIComponent(one.training.id)}`}>{one.training.name}</Link>, on{' '}
                {one.training.datasetName} v{one.training.versionNumber}
              </dd>
            </>
          )}
          <dt>Content</dt>
          <dd className={classes.hash}>{one.contentHash}</dd>
          <dt>Space</dt>
          <dd className={classes.hash}>{one.spaceHash}</dd>
          <dt>Added</dt>
          <dd>
            {formatDateTime(one.createdAt)}
            {one.addedBy ? ` by ${one.addedBy}` : ''}
          </dd>
          <Facts title="Training" of={facts.training} />
          <Facts title="Tuning" of={facts.config?.tuning} />
        </dl>
        {one.card && <CardText text={one.card} />}
      </section>
      <section className={classes.section}>
        <h2 className={classes.heading}>Evaluations</h2>
        {one.evaluations.length === 0 ? (
          <p className={classes.dim}>None yet.</p>
        ) : (
          <ul className={classes.notes}>
            {one.evaluations.map((evaluation) => (
              <li key={evaluation.id}>
                <Link href={`/evaluations/${encodeURIComponent(evaluation.id)}`}>{evaluation.name}</Link> ·{' '}
                {evaluation.datasetName} v{evaluation.versionNumber} · {formatDate(evaluation.createdAt)}
              </li>
            ))}
          </ul>
        )}
      </section>
      {one.promotions.length > 0 && (
        <section className={classes.section}>
          <h2 className={classes.heading}>When it came and went</h2>
          <ul className={classes.notes}>
            {one.promotions.map(({ id: event, kind, modelName, reason, by, at }) => (
              <li key={event}>
                {formatDateTime(at)}: {PROMOTION_WORDS[kind]} {modelName}
                {by ? ` by ${by}` : ''}
                {reason ? `, “${reason}”` : ''}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Facts({ title, of }: { title: string; of: Record<string, unknown> | undefined }) {
  // Which data it was is told above, by name and version.
  const entries = Object.entries(of ?? {}).filter(
    ([name, value]) => value !== null && value !== false && name !== 'datasets',
  );
  if (entries.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {entries
          .map(
            ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
          )
          .join(' · ')}
      </dd>
    </>
  );
}

type DeleteProps = { id: string; name: string; bytes: number; disabled: boolean };

function DeleteModel({ id, name, bytes, disabled }: DeleteProps) {
  const [opened, setOpened] = useState(false);
  const router = useRouter();
  const { remove } = useModelActions();
  if (disabled) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Delete
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Delete ${name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <p className={classes.dialogText}>
          Its files go, which frees {formatBytes(bytes)}. Evaluations and the history keep what they say of
          it.
        </p>
        {remove.error && (
          <p className={classes.refusal} role="alert">
            {remove.error.message}
          </p>
        )}
        <Group justify="flex-end" mt="md">
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(id, { onSuccess: () => router.push('/models') })}
          >
            Delete {formatBytes(bytes)}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
