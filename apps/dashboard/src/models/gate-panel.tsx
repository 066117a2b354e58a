import { Badge, Button, Group, Modal, Select, Skeleton, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import { DotLine } from '../evaluations/dot-line';
import { useView } from '../evaluations/use-view';
import type { GateCheckName, ModelGateQuery } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount } from '../ui/format';
import { WideTable } from '../ui/wide-table';
import { gateQuery } from './model-queries';
import classes from './models.module.css';
import { useModelActions } from './use-model-actions';

type Gate = ModelGateQuery['modelGate'];

const CHECK_WORDS: Record<GateCheckName, string> = {
  OPENS: 'It opens',
  SPACE: 'Every photo is in its space',
  EVALUATED: 'Judged beside the live one',
  NO_WORSE: 'No worse on any style',
  BETTER: 'Better on the target',
};

const MEAN = 'mean over styles';

/** The checklist before a promotion, and the promotion. */
export function GatePanel({ modelId, name }: { modelId: string; name: string }) {
  const view = useView();
  const target = view.get('target');
  const gate = useQuery(gateQuery(modelId, 'hit@1', target));
  if (gate.error)
    return (
      <ErrorPanel title="The gate could not be read" error={gate.error} onRetry={() => void gate.refetch()} />
    );
  if (!gate.data) return <Skeleton height={200} mt={12} />;
  const { checks, sections, liveModel, evaluation, liveEvaluation } = gate.data;
  return (
    <>
      <div className={classes.filters}>
        <Select
          label="Has to be better on"
          data={[...new Set([MEAN, ...sections.map((section) => section.name)])]}
          value={gate.data.target}
          allowDeselect={false}
          onChange={(value) => view.set('target', value === MEAN ? null : value)}
          w={220}
        />
        <PromoteButton gate={gate.data} modelId={modelId} name={name} />
      </div>
      <ul className={classes.checks}>
        {checks.map(({ name: check, passed, words }) => (
          <li key={check} data-passed={passed}>
            {passed ? (
              <IconCheck size={17} aria-label="passed" />
            ) : (
              <IconX size={17} aria-label="not passed" />
            )}
            <div>
              <strong>{CHECK_WORDS[check]}</strong>
              <p className={classes.dim}>{words}</p>
            </div>
          </li>
        ))}
      </ul>
      {evaluation && liveEvaluation ? (
        <>
          <Sections sections={sections} live={liveModel.name} candidate={name} />
          <p className={classes.dim}>
            <Link
              href={`/evaluations/compare?${new URLSearchParams([
                ['run', liveEvaluation.id],
                ['run', evaluation.id],
              ])}`}
            >
              Compare them query by query
            </Link>
          </p>
        </>
      ) : (
        <EvaluateBoth modelId={modelId} live={liveModel.name} />
      )}
    </>
  );
}

const signed = (share: number) => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`.replace('-', '−');
const VERDICT = { BETTER: 'better', SAME: 'no difference told', WORSE: 'worse' } as const;

function Sections({
  sections,
  live,
  candidate,
}: {
  sections: Gate['sections'];
  live: string;
  candidate: string;
}) {
  const reach = Math.max(0.05, ...sections.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  return (
    <WideTable label={`${candidate} beside ${live}`}>
      <thead>
        <tr>
          <th scope="col">Style</th>
          <th scope="col">n</th>
          <th scope="col">{live}</th>
          <th scope="col">{candidate}</th>
          <th scope="col">Difference [95 %]</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {sections.map((one) => (
          <tr key={one.name}>
            <th scope="row">{one.name}</th>
            <td>{formatCount(one.queries)}</td>
            <td>{(100 * one.live).toFixed(1)}</td>
            <td>{(100 * one.candidate).toFixed(1)}</td>
            <td>
              <DotLine
                value={one.difference}
                low={one.low}
                high={one.high}
                tooFew={one.tooFew}
                from={-reach}
                to={reach}
              />
              {signed(one.difference)} [{signed(one.low)}, {signed(one.high)}]
            </td>
            <td>
              <Badge
                variant="default"
                tt="none"
                c={
                  one.verdict === 'WORSE'
                    ? 'var(--bad)'
                    : one.verdict === 'BETTER'
                      ? 'var(--good)'
                      : 'var(--fg-dim)'
                }
              >
                {one.tooFew ? 'too few to tell' : VERDICT[one.verdict]}
              </Badge>
            </td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}

function EvaluateBoth({ modelId, live }: { modelId: string; live: string }) {
  const datasets = useQuery(datasetNamesQuery());
  const [chosen, setChosen] = useState<string | null>(null);
  const { evaluateBoth } = useModelActions();
  const dataset = datasets.data?.find(({ id }) => id === chosen) ?? datasets.data?.[0];
  if (!dataset) return <p className={classes.dim}>Import photos first: a model is judged on them.</p>;
  return (
    <div className={classes.filters}>
      <Select
        label="Judge both on"
        data={datasets.data?.map(({ id, name, imageCount }) => ({
          value: id,
          label: `${name} · ${formatCount(imageCount)} photos`,
        }))}
        value={dataset.id}
        allowDeselect={false}
        onChange={setChosen}
        w={260}
      />
      <Button
        loading={evaluateBoth.isPending}
        onClick={() => evaluateBoth.mutate({ modelId, datasetId: dataset.id })}
      >
        Evaluate beside {live}
      </Button>
      {evaluateBoth.isSuccess && (
        <p className={classes.dim} role="status">
          Both are being measured; the checklist fills by itself.
        </p>
      )}
      {evaluateBoth.error && (
        <p className={classes.refusal} role="alert">
          {evaluateBoth.error.message}
        </p>
      )}
    </div>
  );
}

/** One click where the gate is open; a reason, which is kept, where it is closed. */
function PromoteButton({ gate, modelId, name }: { gate: Gate; modelId: string; name: string }) {
  const [opened, setOpened] = useState(false);
  const [reason, setReason] = useState('');
  const { promote } = useModelActions();
  const send = (why: string | null) =>
    promote.mutate(
      { modelId, metric: gate.metric, target: gate.target === MEAN ? null : gate.target, reason: why },
      { onSuccess: () => setOpened(false) },
    );
  const refusal = promote.error && (
    <p className={classes.refusal} role="alert">
      {promote.error.message}
    </p>
  );
  if (gate.open)
    return (
      <>
        <Button loading={promote.isPending} onClick={() => send(null)}>
          Promote
        </Button>
        {refusal}
      </>
    );
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconAlertTriangle size={16} stroke={1.6} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        Promote all the same
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Promote ${name} past the gate`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ul className={classes.notes}>
          {gate.checks
            .filter(({ passed }) => !passed)
            .map(({ name: check, words }) => (
              <li key={check}>{words}</li>
            ))}
        </ul>
        <Textarea
          label="Why all the same"
          description="Kept in the history, with the checklist as it stands."
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          autosize
          minRows={2}
          mt="sm"
          data-autofocus
        />
        {refusal}
        <Group justify="flex-end" mt="md">
          <Button
            color="orange"
            loading={promote.isPending}
            disabled={reason.trim().length < 8}
            onClick={() => send(reason)}
          >
            Promote
          </Button>
        </Group>
      </Modal>
    </>
  );
}
