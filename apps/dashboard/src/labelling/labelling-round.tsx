'use client';

import { Button, Kbd, Progress } from '@mantine/core';
import { type HotkeyItem, useHotkeys } from '@mantine/hooks';
import { IconArrowBackUp, IconCheck, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { PhotoFilter } from '../photos/photo-filter';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableButton } from '../ui/focusable-button';
import { formatCount, formatPlural } from '../ui/format';
import type { LabelPlan, Labels } from './label-plan';
import classes from './labelling.module.css';
import { useLabelling } from './use-labelling';

type LabellingRoundProps = {
  datasetId: string;
  filter: PhotoFilter;
  plan: LabelPlan;
  onLeave: () => void;
};

/** The photo, the keys and how far the round is. */
export function LabellingRound({ datasetId, filter, plan, onLeave }: LabellingRoundProps) {
  const round = useLabelling(datasetId, filter, plan);
  const { photo, index, total, labelledCount, assign, undo, goTo } = round;
  const digits = plan.values.map((value, place): HotkeyItem => [`${place + 1}`, () => assign(value)]);
  useHotkeys([
    ...digits,
    ['0', () => plan.as === 'class' && assign(null)],
    ['ArrowRight', () => goTo(index + 1)],
    ['ArrowLeft', () => goTo(index - 1)],
    ['z', undo],
    ['mod+z', undo],
    ['Escape', onLeave],
  ]);
  if (round.error) {
    return <ErrorPanel title="The photos could not be read" error={round.error} onRetry={round.retry} />;
  }
  if (total === 0) return <EmptyPanel title="Nothing to label">No photo is behind this filter.</EmptyPanel>;
  const isOver = total !== undefined && index >= total;
  const labels = photo && round.labelsOf(photo);
  return (
    <div className={classes.round}>
      <div className={classes.left}>
        <RoundProgress index={index} total={total} labelled={labelledCount} />
        <div className={classes.stage} data-stage>
          {isOver ? (
            <EmptyPanel
              title="That was the last one"
              action={
                <Button onClick={onLeave} data-autofocus>
                  Back to the photos
                </Button>
              }
            >
              {formatPlural(labelledCount, 'photo')} labelled in this round. Arrow left goes back, z takes the
              last label back.
            </EmptyPanel>
          ) : (
            photo && <img key={photo.id} src={photo.largeUrl} alt={photo.captions[0] ?? photo.fileName} />
          )}
        </div>
        <p className={classes.caption}>{photo && !isOver ? (photo.captions[0] ?? photo.fileName) : ' '}</p>
        {/* Loaded before they are needed. */}
        <div hidden>
          {round.following.map(({ id, largeUrl }) => (
            <img key={id} src={largeUrl} alt="" />
          ))}
        </div>
      </div>
      <div className={classes.side}>
        <LabelKeys plan={plan} labels={labels} isOff={isOver || !photo} onAssign={assign} />
        <div className={classes.moves}>
          <FocusableButton
            size="xs"
            variant="default"
            leftSection={<IconChevronLeft size={15} aria-hidden />}
            disabled={index === 0}
            onClick={() => goTo(index - 1)}
          >
            Back
          </FocusableButton>
          <FocusableButton
            size="xs"
            variant="default"
            rightSection={<IconChevronRight size={15} aria-hidden />}
            disabled={isOver}
            onClick={() => goTo(index + 1)}
          >
            Skip
          </FocusableButton>
          <FocusableButton
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={15} aria-hidden />}
            disabled={!round.canUndo}
            onClick={undo}
          >
            Undo
          </FocusableButton>
        </div>
        <p className={classes.help}>
          <Kbd size="xs">←</Kbd> <Kbd size="xs">→</Kbd> move · <Kbd size="xs">z</Kbd> undo ·{' '}
          <Kbd size="xs">Esc</Kbd> leave
        </p>
      </div>
    </div>
  );
}

type RoundProgressProps = { index: number; total: number | undefined; labelled: number };

function RoundProgress({ index, total, labelled }: RoundProgressProps) {
  const place = Math.min(index + 1, total ?? 0);
  return (
    <div className={classes.progress}>
      <p className={classes.progressWords} aria-live="polite">
        <strong>{formatCount(place)}</strong> of {total === undefined ? '…' : formatCount(total)} ·{' '}
        {formatCount(labelled)} labelled
      </p>
      <Progress
        value={total ? (100 * Math.min(index, total)) / total : 0}
        size={4}
        aria-label="How far the round is"
      />
    </div>
  );
}

type LabelKeysProps = {
  plan: LabelPlan;
  labels: Labels | undefined;
  isOff: boolean;
  onAssign: (value: string | null) => void;
};

function LabelKeys({ plan, labels, isOff, onAssign }: LabelKeysProps) {
  const has = (value: string) =>
    plan.as === 'class' ? labels?.class === value : labels?.tags.includes(value);
  const others = otherLabels(plan, labels);
  return (
    <>
      <ul className={classes.keys} aria-label={plan.as === 'class' ? 'Classes' : 'Tags'}>
        {plan.values.map((value, place) => (
          <li key={value}>
            <button
              type="button"
              className={classes.key}
              aria-pressed={has(value) ?? false}
              aria-disabled={isOff || undefined}
              onClick={() => onAssign(value)}
            >
              <Kbd size="xs">{place + 1}</Kbd>
              <span className={classes.keyName}>{value}</span>
              {has(value) && <IconCheck size={16} stroke={2} aria-hidden />}
            </button>
          </li>
        ))}
        {plan.as === 'class' && (
          <li>
            <button
              type="button"
              className={classes.key}
              aria-disabled={isOff || undefined}
              onClick={() => onAssign(null)}
            >
              <Kbd size="xs">0</Kbd>
              <span className={classes.keyNone}>no class</span>
              {labels && labels.class === null && <IconCheck size={16} stroke={2} aria-hidden />}
            </button>
          </li>
        )}
      </ul>
      {others && <p className={classes.help}>{others}</p>}
    </>
  );
}

/** What the photo has besides the keys, which would not be seen otherwise. */
function otherLabels(plan: LabelPlan, labels: Labels | undefined): string | null {
  if (!labels) return null;
  if (plan.as === 'class') {
    return labels.class && !plan.values.includes(labels.class) ? `Its class now: ${labels.class}` : null;
  }
  const tags = labels.tags.filter((tag) => !plan.values.includes(tag));
  return tags.length > 0 ? `Also tagged: ${tags.join(', ')}` : null;
}
