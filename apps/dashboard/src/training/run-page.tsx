'use client';

import { Badge, Button, Group, Modal, Progress, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { request } from '../api/client';
import { ContinueTrainingDocument, DeleteTrainingDocument } from '../generated/graphql';
import { JobButtons } from '../jobs/job-buttons';
import { isActive, isUnfinished, JOBS_KEY } from '../jobs/job-queries';
import { stateWord } from '../jobs/job-words';
import { MODELS_KEY } from '../models/model-queries';
import { modelHref } from '../models/model-words';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatSecondsLeft } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { CurveChart, type Line } from './curve-chart';
import { methodLabel } from './method-words';
import { RunLog } from './run-log';
import classes from './training.module.css';
import { type Series, seriesQuery, TRAININGS_KEY, type TrainingRow, trainingQuery } from './training-queries';

/** One training: where it is, its curves, its log and its settings. */
export function RunPage({ id }: { id: string }) {
  const run = useQuery(trainingQuery(id));
  const busy = Boolean(run.data?.job && isActive(run.data.job));
  const curves = useQuery(seriesQuery(id, busy));
  if (run.error)
    return (
      <ErrorPanel
        title="The training could not be read"
        error={run.error}
        onRetry={() => void run.refetch()}
      />
    );
  if (run.isPending) return <Skeleton height={420} />;
  const one = run.data;
  if (one === null)
    return (
      <EmptyPanel title="There is no such training" isPage>
        It was deleted, or the address is not whole.
      </EmptyPanel>
    );
  return (
    <>
      <PageHeader
        title={one.name}
        state={`${methodLabel(one.method)} on ${one.datasetName} v${one.versionNumber} · beside ${one.backbone.name}`}
        action={<RunActions run={one} />}
      />
      <Standing run={one} />
      <Curves series={curves.data?.series ?? null} />
      <RunLog jobId={one.job?.id ?? null} busy={busy} />
      <Settings run={one} />
    </>
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The sentence first, then the figures. */
function Standing({ run }: { run: TrainingRow }) {
  const { job, step, steps, startScore, bestScore, bestStep, imagesPerSecond, secondsLeft, trained, frozen } =
    run;
  const unfinished = job && isUnfinished(job);
  return (
    <section className={classes.standing} data-job tabIndex={-1} aria-label="Where it stands">
      <p className={classes.sentence}>{sentenceOf(run)}</p>
      {unfinished && (
        <Progress value={(100 * step) / Math.max(1, steps)} aria-label={`${step} of ${steps} steps`} />
      )}
      <dl className={classes.figures}>
        <Figure name="Step" value={`${formatCount(step)} of ${formatCount(steps)}`} />
        <Figure
          name="Images a second"
          value={typeof imagesPerSecond === 'number' ? imagesPerSecond.toFixed(1) : '–'}
        />
        <Figure
          name="Time left"
          value={
            job?.state === 'RUNNING' && typeof secondsLeft === 'number' ? formatSecondsLeft(secondsLeft) : '–'
          }
        />
        <Figure
          name="Before the first step"
          value={typeof startScore === 'number' ? percent(startScore) : '–'}
        />
        <Figure
          name="Best mean hit@1"
          value={
            typeof bestScore === 'number'
              ? `${percent(bestScore)}${typeof bestStep === 'number' ? ` at step ${bestStep}` : ''}`
              : '–'
          }
        />
        <Figure
          name="Learns"
          value={
            typeof trained === 'number' && typeof frozen === 'number'
              ? `${formatCount(trained)} of ${formatCount(trained + frozen)} numbers`
              : '–'
          }
        />
      </dl>
      {job && <JobButtons job={job} />}
    </section>
  );
}

function sentenceOf({ job, finishedAt, model, startScore, bestScore }: TrainingRow): string {
  if (finishedAt && model) {
    const gain =
      typeof startScore === 'number' && typeof bestScore === 'number' ? bestScore - startScore : null;
    if (gain === null) return 'It is over; its encoder is in the registry.';
    const points = (100 * Math.abs(gain)).toFixed(1);
    return gain > 0
      ? `It learned: mean hit@1 on the validation photos rose by ${points} points. Whether it may answer, the gate on its card tells.`
      : `It is over, and on the validation photos it is no better than where it started (−${points} points).`;
  }
  if (!job) return 'It waits.';
  if (job.state === 'FAILED') return job.message ?? 'It failed.';
  if (job.state === 'RUNNING') return job.message ?? 'It is training.';
  return stateWord(job);
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function Curves({ series }: { series: readonly Series[] | null }) {
  if (!series) return <Skeleton height={260} mt={20} />;
  const line = (name: string): Line[] => {
    const found = series.find((one) => one.name === name);
    return found ? [{ name, points: found.points }] : [];
  };
  const styles = (seen: boolean): Line[] =>
    series
      .filter((one) => one.name.startsWith('hit@1 ') && one.seen === seen && !one.name.includes('(class)'))
      .map(({ name, points }) => ({
        name: name.replace('hit@1 ', '').replace(' (unseen makers)', ''),
        points,
        dashed: !seen,
      }));
  const classLevel: Line[] = series
    .filter(({ name }) => name.startsWith('hit@1 ') && name.includes('(class)'))
    .map(({ name, points }) => ({ name: name.replace('hit@1 ', '').replace(' (class)', ''), points }));
  return (
    <div className={classes.charts}>
      <CurveChart title="Loss" unit="loss" lines={line('loss')} />
      <CurveChart
        title="Mean hit@1"
        unit="share"
        lines={line('mean hit@1')}
        note="Over styles, on the validation photos."
      />
      <CurveChart
        title="hit@1 by style"
        unit="share"
        lines={styles(true)}
        note="Styles and makers that the training sees."
      />
      <CurveChart
        title="hit@1 by style, unseen makers"
        unit="share"
        lines={styles(false)}
        note="Drawn by makers that no training sees: what was learned, and not by whom."
      />
      {classLevel.length > 0 && (
        <CurveChart
          title="hit@1 by class"
          unit="share"
          lines={classLevel}
          note="Any photo of the class is right."
        />
      )}
      <CurveChart title="Images a second" unit="images/s" lines={line('images/s')} />
    </div>
  );
}

function Settings({ run }: { run: TrainingRow }) {
  const entries = Object.entries((run.settings ?? {}) as Record<string, unknown>);
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>Settings</h2>
      <dl className={classes.settings}>
        <dt>backbone</dt>
        <dd>
          <Link href={modelHref(run.backbone.id)}>{run.backbone.name}</Link>
        </dd>
        <dt>style space</dt>
        <dd>{run.styleSpace ?? 'that of the product'}</dd>
        {entries.map(([name, value]) => (
          <div key={name} className={classes.pair}>
            <dt>{name}</dt>
            <dd>{value === null ? 'that of the method' : String(value)}</dd>
          </div>
        ))}
        <dt>started by</dt>
        <dd>{run.startedBy ?? '–'}</dd>
      </dl>
    </section>
  );
}

function RunActions({ run }: { run: TrainingRow }) {
  const [asking, setAsking] = useState(false);
  const router = useRouter();
  const queryClient = useQueryClient();
  const refresh = async () => {
    for (const queryKey of [TRAININGS_KEY, JOBS_KEY, MODELS_KEY])
      await queryClient.invalidateQueries({ queryKey });
  };
  const goOn = useMutation({
    mutationFn: async () => {
      const { continueTraining: answer } = await request(ContinueTrainingDocument, { trainingId: run.id });
      if ('message' in answer) throw new Error(answer.message);
    },
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: async () => {
      const { deleteTraining: answer } = await request(DeleteTrainingDocument, { trainingId: run.id });
      if ('message' in answer) throw new Error(answer.message);
    },
    async onSuccess() {
      router.push('/training');
      await refresh();
    },
  });
  const { job, model } = run;
  const ended = job && (job.state === 'FAILED' || job.state === 'CANCELLED');
  const refusal = goOn.error ?? remove.error;
  return (
    <Group gap={8}>
      {model && (
        <Button component={Link} href={modelHref(model.id)}>
          {model.isLive ? 'Its card' : 'To the gate'}
        </Button>
      )}
      {model?.isLive && (
        <Badge tt="none" variant="default" c="var(--good)">
          live
        </Badge>
      )}
      {ended && (
        <Button loading={goOn.isPending} onClick={() => goOn.mutate()}>
          Continue from step {run.step}
        </Button>
      )}
      {job && !isUnfinished(job) && (
        <Button variant="default" onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${run.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <p className={classes.dialogText}>
          Its curves, log and checkpoint go. An encoder that it made stays in the registry.
        </p>
        {refusal && (
          <p className={classes.refusal} role="alert">
            {refusal.message}
          </p>
        )}
        <Group justify="flex-end" mt="md">
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
        </Group>
      </Modal>
    </Group>
  );
}
