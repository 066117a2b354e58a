import { Button, Group } from '@mantine/core';
import { IconArrowBackUp, IconDeviceFloppy, IconRuler2 } from '@tabler/icons-react';
import { formatPlural } from '../ui/format';
import { EffectTable } from './effect-table';
import { isMeasuring } from './style-queries';
import classes from './styles.module.css';
import type { StyleEdits } from './use-style-edits';

const icon = { size: 16, stroke: 1.6, 'aria-hidden': true } as const;

/** What is edited and not saved: what it does, back, and saving. */
export function DraftBar({ edits, newest }: { edits: StyleEdits; newest: number }) {
  const { draft, problem, dropped } = edits;
  if (draft === null || draft.editCount === 0) {
    return problem === null ? null : (
      <section className={classes.draft} aria-label="Edits">
        <p role="alert" className={classes.problem}>
          {problem}
        </p>
      </section>
    );
  }
  const effect = draft.effect?.revision === draft.revision ? draft.effect : null;
  const measuring = isMeasuring(draft);
  return (
    <section className={classes.draft} aria-label="Edits">
      <div className={classes.draftTop}>
        <p aria-live="polite">
          <strong>{formatPlural(draft.editCount, 'edit')}, not saved</strong> ·{' '}
          {formatPlural(draft.moved, 'picture changes', 'pictures change')} cluster
          {draft.madeBy ? ` · ${draft.madeBy}` : ''}
        </p>
        <Group gap={6}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp {...icon} />}
            onClick={edits.undo}
            disabled={edits.isBusy}
          >
            Undo
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRuler2 {...icon} />}
            onClick={edits.measure}
            loading={measuring}
            disabled={edits.isBusy || effect !== null || draft.isBehind}
          >
            {effect ? 'Measured' : 'Measure the effect'}
          </Button>
          <Button
            size="xs"
            leftSection={<IconDeviceFloppy {...icon} />}
            onClick={edits.save}
            disabled={edits.isBusy || draft.isBehind}
          >
            Save as version {newest + 1}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={edits.discard} disabled={edits.isBusy}>
            Give up
          </Button>
        </Group>
      </div>
      {draft.isBehind && (
        <p className={classes.problem} role="alert">
          Somebody saved version {newest} since you began with version {draft.base}. Your edits are kept.{' '}
          <Button size="compact-xs" variant="light" onClick={edits.rebase} disabled={edits.isBusy}>
            Take them over to version {newest}
          </Button>
        </p>
      )}
      {problem !== null && !draft.isBehind && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
      {dropped.length > 0 && (
        <p className={classes.problem} role="status">
          Left out, because it can no longer be done: {dropped.join(' ')}
        </p>
      )}
      <ol className={classes.editList}>
        {draft.edits.map((words, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two edits may read alike; their order is what they are
          <li key={at}>{words}</li>
        ))}
      </ol>
      {measuring && (
        <p className={classes.dim} role="status">
          Measuring on the queries of <em>val</em>: {draft.job?.done ?? 0}
          {draft.job?.total ? ` of ${draft.job.total}` : ''} encoded …
        </p>
      )}
      {draft.job?.state === 'FAILED' && (
        <p className={classes.problem} role="alert">
          {draft.job.message}
        </p>
      )}
      {effect && <EffectTable effect={effect} />}
    </section>
  );
}
