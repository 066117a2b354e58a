'use client';

import { ActionIcon, NativeSelect, Slider, Tooltip } from '@mantine/core';
import { IconPencil, IconX } from '@tabler/icons-react';
import type { QueryStyle } from '../generated/graphql';
import { PartFace } from './part-face';
import classes from './part-list.module.css';
import { partColour, partName, STYLE_OPTIONS } from './part-look';
import { PartSign } from './part-sign';
import { isMixed, MAX_WEIGHT, type Part } from './query';
import type { LocalPicture } from './use-pictures';
import type { SearchActions } from './use-search-state';

type PartListProps = {
  parts: readonly Part[];
  /** The key of the text part that the search box edits: it is shown, not edited, here. */
  boxKey: string | undefined;
  pictures: Readonly<Record<string, LocalPicture>>;
  actions: SearchActions;
  onRemove: (key: string) => void;
  onEditSketch: (key: string) => void;
};

const MIN_WEIGHT = 0.1;
const STEP = 0.1;

/** The parts of a search: what each is and, once there are several, how much it counts and whether it pulls or pushes. */
export function PartList({ parts, boxKey, pictures, actions, onRemove, onEditSketch }: PartListProps) {
  const mixed = isMixed(parts);
  return (
    <ul className={classes.list} aria-label="Parts of the search" data-parts>
      {parts.map((part, place) => (
        <li key={part.key} className={classes.part} data-negative={part.negative || undefined}>
          {mixed && (
            <>
              <span className={classes.number} style={{ background: partColour(place) }} aria-hidden>
                {place + 1}
              </span>
              <PartSign
                place={place}
                negative={part.negative}
                onChange={(negative) => actions.patch(part.key, { negative })}
              />
            </>
          )}
          <PartFace part={part} inBox={part.key === boxKey} picture={pictures[part.key]} actions={actions} />
          {(part.kind === 'sketch' || part.kind === 'upload') && (
            <NativeSelect
              size="xs"
              className={classes.style}
              rightSectionWidth={24}
              aria-label={`Style of part ${place + 1}`}
              title="What kind of picture this is; found out by itself unless you say"
              value={part.style}
              data={[...STYLE_OPTIONS]}
              onChange={({ currentTarget }) =>
                actions.patch(part.key, { style: currentTarget.value as QueryStyle })
              }
            />
          )}
          {mixed && (
            <PartWeight
              part={part}
              place={place}
              onChange={(weight) => actions.patch(part.key, { weight })}
            />
          )}
          {part.kind === 'sketch' && (
            <PartButton label="Draw on" icon={IconPencil} onClick={() => onEditSketch(part.key)} />
          )}
          <PartButton label={`Remove ${partName(part)}`} icon={IconX} onClick={() => onRemove(part.key)} />
        </li>
      ))}
    </ul>
  );
}

type PartWeightProps = { part: Part; place: number; onChange: (weight: number) => void };

function PartWeight({ part, place, onChange }: PartWeightProps) {
  return (
    <span className={classes.weightRow}>
      <Slider
        className={classes.slider}
        size={3}
        thumbSize={14}
        min={MIN_WEIGHT}
        max={MAX_WEIGHT}
        step={STEP}
        precision={1}
        label={null}
        value={part.weight}
        onChange={onChange}
        thumbLabel={`Weight of part ${place + 1}, ${partName(part)}`}
        color={partColour(place)}
      />
      <output className={classes.weight}>{part.weight.toFixed(1)}</output>
    </span>
  );
}

type PartButtonProps = { label: string; icon: typeof IconX; onClick: () => void };

function PartButton({ label, icon: Icon, onClick }: PartButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={26} variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={15} stroke={1.8} />
      </ActionIcon>
    </Tooltip>
  );
}
