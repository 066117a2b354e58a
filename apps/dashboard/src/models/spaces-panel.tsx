import { Badge, Button, Group, Modal, Progress, Skeleton, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { JobButtons } from '../jobs/job-buttons';
import { isUnfinished, type Job } from '../jobs/job-queries';
import { jobPace } from '../jobs/job-words';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatBytes, formatCount, formatPlural } from '../ui/format';
import { type ModelRow, type Space, spacesQuery } from './model-queries';
import { modelHref, originWords } from './model-words';
import classes from './models.module.css';
import { useModelActions } from './use-model-actions';

/** Embedding spaces side by side: which one is searched, which are being made, and what each takes. */
export function SpacesPanel({ models }: { models: readonly ModelRow[] }) {
  const spaces = useQuery(spacesQuery());
  if (spaces.error)
    return (
      <ErrorPanel
        title="The spaces could not be read"
        error={spaces.error}
        onRetry={() => void spaces.refetch()}
      />
    );
  if (!spaces.data) return <Skeleton height={220} mt={16} />;
  const shown = spaces.data.filter(({ vectors, answers, backbone }) => vectors > 0 || answers || backbone);
  const made = new Set(spaces.data.map(({ spaceHash }) => spaceHash));
  const others = models.filter(({ kind, spaceHash }) => kind === 'BACKBONE' && !made.has(spaceHash));
  return (
    <>
      <p className={classes.lead}>
        A backbone encodes the gallery once; that is its embedding space. Another one is made beside it while
        searches go on, and searches go there at once when every photo has its vector.
      </p>
      {shown.length === 0 && others.length === 0 && (
        <EmptyPanel title="No space yet">Import photos: the model that answers encodes them.</EmptyPanel>
      )}
      <ul className={classes.cards}>
        {shown.map((space) => (
          <SpaceCard key={space.id} space={space} />
        ))}
        {others.map((model) => (
          <UnmadeSpace key={model.id} model={model} />
        ))}
      </ul>
    </>
  );
}

function SpaceCard({ space }: { space: Space }) {
  const { backfill, removeSpace } = useModelActions();
  const [asking, setAsking] = useState<'switch' | 'delete' | null>(null);
  const { name, answers, vectors, missing, bytes, dimensions, backbone, encoder } = space;
  const job = space.backfill && isUnfinished(space.backfill) ? space.backfill : null;
  const isWhole = missing === 0 && vectors > 0;
  const refusal = backfill.error ?? removeSpace.error;
  return (
    <li className={classes.card} data-live={answers || undefined} data-space={backbone?.name ?? name}>
      <h2 className={classes.cardTitle}>
        {backbone ? <Link href={modelHref(backbone.id)}>{backbone.name}</Link> : name}{' '}
        {answers && (
          <Badge size="sm" tt="none" variant="default" c="var(--good)">
            searched
          </Badge>
        )}
      </h2>
      <p className={classes.dim}>
        {dimensions} dimensions · {formatPlural(vectors, 'vector')} · {formatBytes(bytes)} on the disk
      </p>
      {encoder && <p className={classes.dim}>Queries go through {encoder.name}</p>}
      <p className={classes.figure}>
        <strong>{formatCount(missing)}</strong> {missing === 1 ? 'photo' : 'photos'} without a vector
      </p>
      {job ? <BackfillProgress job={job} /> : <LastTry job={space.backfill ?? null} />}
      {refusal && (
        <p className={classes.refusal} role="alert">
          {refusal.message}
        </p>
      )}
      <Group gap={8} mt="auto">
        {!job && missing > 0 && backbone && (
          <Button
            size="xs"
            variant={answers ? 'default' : 'filled'}
            loading={backfill.isPending}
            onClick={() => backfill.mutate(backbone.id)}
          >
            Encode {formatPlural(missing, 'photo')}
          </Button>
        )}
        {!answers && isWhole && encoder && (
          <Button size="xs" onClick={() => setAsking('switch')}>
            Switch searches here
          </Button>
        )}
        {!answers && !job && (
          <Button size="xs" variant="default" onClick={() => setAsking('delete')}>
            Delete
          </Button>
        )}
      </Group>
      {encoder && (
        <SwitchDialog
          opened={asking === 'switch'}
          onClose={() => setAsking(null)}
          modelId={encoder.id}
          name={encoder.name}
        />
      )}
      <Modal
        opened={asking === 'delete'}
        onClose={() => setAsking(null)}
        title={`Delete the space of ${backbone?.name ?? name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <p className={classes.dialogText}>
          {formatPlural(vectors, 'vector')} and their index go, which frees {formatBytes(bytes)}. The photos
          and the model stay; encoding them again takes as long as the first time.
        </p>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setAsking(null)}>
            Keep it
          </Button>
          <Button
            color="red"
            loading={removeSpace.isPending}
            onClick={() => removeSpace.mutate(space.id, { onSettled: () => setAsking(null) })}
          >
            Delete {formatBytes(bytes)}
          </Button>
        </Group>
      </Modal>
    </li>
  );
}

function BackfillProgress({ job }: { job: Job }) {
  const share = job.total ? job.done / job.total : 0;
  return (
    <div data-job tabIndex={-1}>
      <Progress value={100 * share} aria-label="Photos encoded" mt={6} />
      <p className={classes.dim}>
        {formatCount(job.done)} of{' '}
        {job.total === null || job.total === undefined ? '…' : formatCount(job.total)} photos
        {jobPace(job) ? ` · ${jobPace(job)}` : ''}
      </p>
      <JobButtons job={job} />
    </div>
  );
}

const LastTry = ({ job }: { job: Job | null }) =>
  job?.state === 'FAILED' ? (
    <p className={classes.refusal} role="alert">
      {job.message}
    </p>
  ) : null;

function UnmadeSpace({ model }: { model: ModelRow }) {
  const { backfill } = useModelActions();
  return (
    <li className={classes.card} data-space={model.name}>
      <h2 className={classes.cardTitle}>
        <Link href={modelHref(model.id)}>{model.name}</Link>
      </h2>
      <p className={classes.dim}>
        {model.dimensions} dimensions · {originWords(model)}
      </p>
      <p className={classes.cardText}>The gallery is not encoded by it yet.</p>
      {backfill.error && (
        <p className={classes.refusal} role="alert">
          {backfill.error.message}
        </p>
      )}
      <Button size="xs" mt="auto" loading={backfill.isPending} onClick={() => backfill.mutate(model.id)}>
        Encode the gallery beside
      </Button>
    </li>
  );
}

type SwitchProps = { opened: boolean; onClose: () => void; modelId: string; name: string };

/** Switching to another space is a promotion, with the gate of one: where it is closed a reason is asked for. */
function SwitchDialog({ opened, onClose, modelId, name }: SwitchProps) {
  const { promote } = useModelActions();
  const [reason, setReason] = useState('');
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Search with ${name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p className={classes.dialogText}>
        Searches go to its space at once; those under way end where they began. Whether it is better is on{' '}
        <Link href={modelHref(modelId)}>its page</Link>. Where the gate is closed, say why you switch all the
        same: it is kept in the history.
      </p>
      <Textarea
        label="Reason"
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        autosize
        minRows={2}
      />
      {promote.error && (
        <p className={classes.refusal} role="alert">
          {promote.error.message}
        </p>
      )}
      <Group justify="flex-end" mt="md">
        <Button
          loading={promote.isPending}
          onClick={() =>
            promote.mutate(
              { modelId, metric: 'hit@1', target: null, reason: reason.trim() || null },
              { onSuccess: onClose },
            )
          }
        >
          Switch
        </Button>
      </Group>
    </Modal>
  );
}
