import { Button, Group, Modal, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { request } from '../api/client';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import {
  EstimateTrainingDocument,
  StartTrainingDocument,
  type TrainingInput,
  type TrainingMethod,
} from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { modelsQuery } from '../models/model-queries';
import { styleSpaceNamesQuery } from '../styles/style-queries';
import { formatCount } from '../ui/format';
import { formatDuration, METHODS } from './method-words';
import classes from './training.module.css';
import { type Estimate, estimateQuery, TRAININGS_KEY } from './training-queries';

type Fields = {
  datasetId: string | null;
  backboneId: string | null;
  /** Null for the one that comes with the product. */
  styleSpaceId: string | null;
  method: TrainingMethod;
  budget: 'steps' | 'minutes';
  steps: number;
  minutes: number;
  batch: number;
  seed: number;
  name: string;
};

const FIRST: Fields = {
  ...{ datasetId: null, backboneId: null, styleSpaceId: null, method: 'FREESTYLE', budget: 'minutes' },
  ...{ steps: 60, minutes: 2, batch: 32, seed: 3, name: '' },
};

const PRODUCT_STYLES = 'product';

const whole = (value: number | string, otherwise: number) => (typeof value === 'number' ? value : otherwise);

/** What to learn from, what to tune and how, for how long; with an estimate from a few real steps before it begins. */
export function NewTraining({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [fields, setFields] = useState(FIRST);
  const [jobId, setJobId] = useState<string | null>(null);
  const datasets = useQuery(datasetNamesQuery());
  const models = useQuery(modelsQuery());
  const styleSpaces = useQuery(styleSpaceNamesQuery());
  const router = useRouter();
  const queryClient = useQueryClient();
  const change = (some: Partial<Fields>) => {
    setFields({ ...fields, ...some });
    setJobId(null);
  };
  const backbones = models.data?.filter(({ kind, trouble }) => kind === 'BACKBONE' && !trouble) ?? [];
  const liveSpace = models.data?.find(({ isLive }) => isLive)?.spaceHash;
  const backbone =
    backbones.find(({ id }) => id === fields.backboneId) ??
    backbones.find(({ spaceHash }) => spaceHash === liveSpace) ??
    backbones[0];
  const dataset = datasets.data?.find(({ id }) => id === fields.datasetId) ?? datasets.data?.[0];
  const measured = useQuery(estimateQuery(jobId));
  const estimate = measured.data?.state === 'SUCCEEDED' ? (measured.data.result as Estimate) : null;
  const steps = fields.budget === 'steps' ? fields.steps : (estimate?.steps ?? fields.steps);
  const input = (): TrainingInput => ({
    datasetId: dataset?.id ?? '',
    backboneId: backbone?.id ?? null,
    styleSpaceId: fields.styleSpaceId,
    method: fields.method,
    steps,
    validateEvery: Math.max(1, Math.ceil(steps / 4)),
    batch: fields.batch,
    seed: fields.seed,
    name: fields.name.trim() || null,
  });
  const ask = useMutation({
    mutationFn: async () => {
      const minutes = fields.budget === 'minutes' ? fields.minutes : null;
      const { estimateTraining: answer } = await request(EstimateTrainingDocument, {
        input: input(),
        minutes,
      });
      if (answer.__typename !== 'EstimateTrainingSuccess')
        throw new Error('message' in answer ? answer.message : 'refused');
      return answer.job.id;
    },
    onSuccess: setJobId,
  });
  const start = useMutation({
    mutationFn: async () => {
      const { startTraining: answer } = await request(StartTrainingDocument, { input: input() });
      if (answer.__typename !== 'StartTrainingSuccess')
        throw new Error('message' in answer ? answer.message : 'refused');
      return answer.training.id;
    },
    async onSuccess(id) {
      await queryClient.invalidateQueries({ queryKey: TRAININGS_KEY });
      await queryClient.invalidateQueries({ queryKey: JOBS_KEY });
      router.push(`/training/${encodeURIComponent(id)}`);
    },
  });
  const isMeasuring = ask.isPending || (jobId !== null && !measured.data?.finishedAt);
  const failure =
    ask.error?.message ??
    start.error?.message ??
    (measured.data?.state === 'FAILED' ? (measured.data.message ?? 'The estimate failed.') : null);
  const mustMeasure = fields.budget === 'minutes' && estimate === null;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="New training"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.form}>
        <Select
          label="Dataset"
          description="Kept as a version. Validation photos decide which step stays."
          data={datasets.data?.map(({ id, name, imageCount }) => ({
            value: id,
            label: `${name} · ${formatCount(imageCount)} photos`,
          }))}
          value={dataset?.id ?? null}
          allowDeselect={false}
          onChange={(datasetId) => change({ datasetId })}
        />
        <Select
          label="Backbone"
          description="Frozen: the gallery stays as it is."
          data={backbones.map(({ id, name, spaceHash }) => ({
            value: id,
            label: spaceHash === liveSpace ? `${name} (searched)` : name,
          }))}
          value={backbone?.id ?? null}
          allowDeselect={false}
          onChange={(backboneId) => change({ backboneId })}
        />
        <Select
          label="Method"
          description={METHODS.find(({ value }) => value === fields.method)?.hint}
          data={METHODS.map(({ value, label }) => ({ value, label }))}
          value={fields.method}
          allowDeselect={false}
          onChange={(method) => change({ method: (method ?? 'FREESTYLE') as TrainingMethod })}
        />
        <Select
          label="Style space"
          description="What style prompts are made from."
          data={[
            { value: PRODUCT_STYLES, label: 'That of the product' },
            ...(styleSpaces.data ?? [])
              .filter(({ version }) => version)
              .map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={fields.styleSpaceId ?? PRODUCT_STYLES}
          allowDeselect={false}
          onChange={(value) => change({ styleSpaceId: value === PRODUCT_STYLES ? null : value })}
        />
        <div>
          <p className={classes.label} id="budget">
            Budget
          </p>
          <Group gap={8} wrap="nowrap" align="end" className={classes.budget}>
            <SegmentedControl
              aria-labelledby="budget"
              data={[
                { value: 'minutes', label: 'Minutes' },
                { value: 'steps', label: 'Steps' },
              ]}
              value={fields.budget}
              onChange={(budget) => change({ budget: budget as Fields['budget'] })}
            />
            {fields.budget === 'minutes' ? (
              <NumberInput
                aria-label="How many minutes"
                min={0.5}
                max={10_000}
                step={0.5}
                value={fields.minutes}
                onChange={(value) => change({ minutes: whole(value, 2) })}
              />
            ) : (
              <NumberInput
                aria-label="How many steps"
                min={1}
                max={100_000}
                value={fields.steps}
                onChange={(value) => change({ steps: whole(value, 60) })}
              />
            )}
          </Group>
        </div>
        <NumberInput
          label="Queries in a step"
          min={2}
          max={512}
          value={fields.batch}
          onChange={(value) => change({ batch: whole(value, 32) })}
        />
        <NumberInput
          label="Seed"
          description="The same seed gives the very same encoder."
          min={0}
          value={fields.seed}
          onChange={(value) => change({ seed: whole(value, 3) })}
        />
        <TextInput
          className={classes.whole}
          label="Name"
          placeholder="Says what it was trained by and on, unless given"
          value={fields.name}
          onChange={({ currentTarget }) => setFields({ ...fields, name: currentTarget.value })}
        />
      </div>
      <div className={classes.estimate} aria-live="polite">
        {estimate ? (
          <EstimateWords estimate={estimate} />
        ) : isMeasuring ? (
          <p className={classes.dim}>
            {measured.data?.message ?? 'Taking a few steps to see how long one takes…'}
          </p>
        ) : (
          <p className={classes.dim}>A few real steps tell how long it takes on this machine.</p>
        )}
      </div>
      {failure && (
        <p className={classes.refusal} role="alert">
          {failure}
        </p>
      )}
      <Group justify="flex-end" mt="md" gap={8}>
        <Button
          variant={mustMeasure ? 'filled' : 'default'}
          loading={isMeasuring}
          disabled={!dataset || !backbone}
          onClick={() => ask.mutate()}
        >
          Estimate the time
        </Button>
        <Button
          loading={start.isPending}
          disabled={!dataset || !backbone || mustMeasure}
          onClick={() => start.mutate()}
        >
          Train {formatCount(steps)} steps
        </Button>
      </Group>
    </Modal>
  );
}

function EstimateWords({ estimate: { seconds, steps, parts, photos, heldOut } }: { estimate: Estimate }) {
  const longest = Math.max(...parts.map((part) => part.seconds), 0.001);
  return (
    <>
      <p className={classes.sentence}>
        About <strong>{formatDuration(seconds)}</strong> for {formatCount(steps)} steps on{' '}
        {formatCount(photos.train)} photos, judged on {formatCount(photos.validation)}.
      </p>
      <ul className={classes.parts}>
        {parts.map(({ what, seconds: own }) => (
          <li key={what}>
            <span>{what}</span>
            <span className={classes.partBar} style={{ width: `${(70 * own) / longest}%` }} aria-hidden />
            <span>{formatDuration(own)}</span>
          </li>
        ))}
      </ul>
      <p className={classes.dim}>Validation: {heldOut}.</p>
    </>
  );
}
