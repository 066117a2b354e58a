'use client';

import { Button, NumberInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { SplitDatasetDocument, UndoChangeDocument } from '../generated/graphql';
import { FocusableActionIcon, FocusableButton } from '../ui/focusable-button';
import { formatCount, formatShare } from '../ui/format';
import { placeAfter, useFocusHandover } from '../ui/use-focus-handover';
import classes from './query-styles.module.css';
import { Section } from './section';
import type { StyleDataset } from './style-queries';

type Part = { readonly id: number; readonly name: string; readonly percent: number };

const USUAL: readonly Part[] = [
  { id: 0, name: 'train', percent: 80 },
  { id: 1, name: 'val', percent: 10 },
  { id: 2, name: 'test', percent: 10 },
];

/** Shares out the photos by lot; what shows one photo stays in one split. */
export function SplitPanel({ dataset }: { dataset: StyleDataset }) {
  const queryClient = useQueryClient();
  const [parts, setParts] = useState(USUAL);
  const onSuccess = () => void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
  const split = useMutation({
    mutationFn: async () => {
      const input = {
        datasetId: dataset.id,
        parts: parts.map(({ name, percent }) => ({ name: name.trim(), share: percent / 100 })),
      };
      return (await request(SplitDatasetDocument, { input })).splitDataset;
    },
    onMutate: () => undo.reset(),
    onSuccess,
  });
  const undo = useMutation({
    mutationFn: async (id: string) => (await request(UndoChangeDocument, { id })).undoChange,
    onSuccess,
  });
  const change = split.data?.__typename === 'SplitDatasetSuccess' ? split.data.change : null;
  const refusals = [split.data, undo.data].filter((one) => one && 'code' in one);
  const [refusal] = refusals;
  const error = split.error ?? undo.error;
  const failure = error ? asApiError(error) : refusal && 'code' in refusal ? refusal : null;
  // 70.1 + 19.6 + 10.3 is a little less than 100 in binary fractions.
  const sum = Math.round(parts.reduce((total, { percent }) => total + percent, 0) * 100) / 100;
  const edit = (id: number, values: Partial<Part>) =>
    setParts(parts.map((part) => (part.id === id ? { ...part, ...values } : part)));
  const list = useRef<HTMLUListElement>(null);
  const outcome = useRef<HTMLParagraphElement>(null);
  const handOver = useFocusHandover();
  const remove = (id: number, place: number) => {
    const next = placeAfter(place, parts.length);
    handOver(() => list.current?.querySelectorAll('button')[next]);
    setParts(parts.filter((part) => part.id !== id));
  };
  return (
    <Section
      title="Split"
      about="By photo: its queries go with it, and photos that look alike stay together, as the last check found them."
    >
      <SplitBar dataset={dataset} />
      <ul ref={list} className={classes.parts} aria-label="Splits to make">
        {parts.map(({ id, name, percent }, index) => (
          <li key={id}>
            <TextInput
              aria-label={`Name of split ${index + 1}`}
              value={name}
              onChange={({ currentTarget: { value } }) => edit(id, { name: value })}
            />
            <NumberInput
              aria-label={`Share of split ${index + 1} in per cent`}
              value={percent}
              min={0}
              max={100}
              suffix=" %"
              hideControls
              onChange={(value) => edit(id, { percent: Number(value) || 0 })}
            />
            <FocusableActionIcon
              variant="subtle"
              color="gray"
              size={34}
              aria-label={`Without split ${index + 1}`}
              disabled={parts.length === 1}
              onClick={() => remove(id, index)}
            >
              <IconX size={16} aria-hidden />
            </FocusableActionIcon>
          </li>
        ))}
      </ul>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} stroke={1.6} aria-hidden />}
          onClick={() =>
            setParts([
              ...parts,
              { id: Math.max(...parts.map(({ id }) => id)) + 1, name: '', percent: Math.max(0, 100 - sum) },
            ])
          }
        >
          Another split
        </Button>
        <FocusableButton
          disabled={sum !== 100 || dataset.imageCount === 0 || parts.some(({ name }) => name.trim() === '')}
          loading={split.isPending}
          onClick={() => split.mutate()}
        >
          Split {formatCount(dataset.imageCount)} photos
        </FocusableButton>
        {sum !== 100 && <p className={classes.note}>The shares add up to {sum} %, not to 100 %.</p>}
        {change && (
          <p ref={outcome} className={classes.note} role="status" tabIndex={-1}>
            {undo.data && !('code' in undo.data) ? 'Undone.' : `${formatCount(change.count)} photos moved.`}{' '}
            {!undo.data && (
              <FocusableButton
                size="compact-xs"
                variant="default"
                loading={undo.isPending}
                onClick={() => {
                  handOver(() => outcome.current);
                  undo.mutate(change.id);
                }}
              >
                Undo
              </FocusableButton>
            )}
          </p>
        )}
      </div>
      {failure && (
        <p className={classes.failure} role="alert">
          {failure.message} ({failure.code})
        </p>
      )}
    </Section>
  );
}

/** How the photos are split now: a bar, and the same in figures. */
function SplitBar({ dataset: { facets, imageCount } }: { dataset: StyleDataset }) {
  if (imageCount === 0) return null;
  return (
    <>
      <div className={classes.splitBar} aria-hidden>
        {facets.splits.map(({ value, count }, index) => (
          <span
            key={value}
            style={{
              width: `${(count / imageCount) * 100}%`,
              background: value === '' ? 'var(--line-strong)' : `var(--part-${index % 5})`,
            }}
          />
        ))}
      </div>
      <ul className={classes.legend} aria-label="Splits now">
        {facets.splits.map(({ value, count }, index) => (
          <li key={value}>
            <span
              className={classes.swatch}
              style={{ background: value === '' ? 'var(--line-strong)' : `var(--part-${index % 5})` }}
              aria-hidden
            />
            {value || 'in no split'} {formatCount(count)} ({formatShare(count / imageCount)})
          </li>
        ))}
      </ul>
    </>
  );
}
