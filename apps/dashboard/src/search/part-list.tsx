'use client';

import { ActionIcon, NativeSelect, Slider, Tooltip } from '@mantine/core';
import { IconMinus, IconPencil, IconPlus, IconX } from '@tabler/icons-react';
import type { QueryStyle } from '../generated/graphql';
import classes from './part-list.module.css';
import { KIND_ICONS, partColour, partName, partPictureUrl, STYLE_OPTIONS } from './part-look';
import { PartPicture } from './part-picture';
import { MAX_WEIGHT, type Part } from './query';
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

/** The parts of a mixed search: what each is, how much it counts, whether it pulls or pushes. */
export function PartList({ parts, boxKey, pictures, actions, onRemove, onEditSketch }: PartListProps) {
  return (
    <ul className={classes.list} aria-label="Parts of the search">
      {parts.map((part, place) => (
        <li key={part.key} className={classes.part} data-negative={part.negative || undefined}>
          <span className={classes.number} style={{ background: partColour(place) }} aria-hidden>
            {place + 1}
          </span>
          <PartButton
            label={part.negative ? 'Pushes away: make it pull' : 'Pulls: make it push away'}
            icon={part.negative ? IconMinus : IconPlus}
            pressed={part.negative}
            onClick={() => actions.patch(part.key, { negative: !part.negative })}
          />
          <PartFace part={part} inBox={part.key === boxKey} picture={pictures[part.key]} actions={actions} />
          {part.kind !== 'text' && (
            <NativeSelect
              size="xs"
              className={classes.style}
              rightSectionWidth={24}
              aria-label={`Style of part ${place + 1}`}
              value={part.style}
              data={[...STYLE_OPTIONS]}
              onChange={({ currentTarget }) =>
                actions.patch(part.key, { style: currentTarget.value as QueryStyle })
              }
            />
          )}
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
            onChange={(weight) => actions.patch(part.key, { weight })}
            thumbLabel={`Weight of part ${place + 1}, ${partName(part)}`}
            color={partColour(place)}
          />
          <output className={classes.weight}>{part.weight.toFixed(1)}</output>
          {part.kind === 'sketch' && (
            <PartButton label="Draw on" icon={IconPencil} onClick={() => onEditSketch(part.key)} />
          )}
          <PartButton label={`Remove ${partName(part)}`} icon={IconX} onClick={() => onRemove(part.key)} />
        </li>
      ))}
    </ul>
  );
}

type PartButtonProps = { label: string; icon: typeof IconX; onClick: () => void; pressed?: boolean };

function PartButton({ label, icon: Icon, onClick, pressed }: PartButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={26}
        variant={pressed ? 'light' : 'subtle'}
        color={pressed ? 'red' : 'gray'}
        aria-label={label}
        aria-pressed={pressed}
        onClick={onClick}
      >
        <Icon size={15} stroke={1.8} />
      </ActionIcon>
    </Tooltip>
  );
}

type PartFaceProps = {
  part: Part;
  inBox: boolean;
  picture: LocalPicture | undefined;
  actions: SearchActions;
};

function PartFace({ part, inBox, picture, actions }: PartFaceProps) {
  if (part.kind === 'text') {
    if (inBox) return <span className={classes.words}>{partName(part)}</span>;
    return (
      <input
        className={classes.input}
        value={part.text}
        placeholder="more words"
        aria-label="Words of this part"
        // biome-ignore lint/a11y/noAutofocus: a part that was just added is there to be written into
        autoFocus={part.text === ''}
        onChange={({ currentTarget }) => actions.patch(part.key, { text: currentTarget.value })}
      />
    );
  }
  if (part.kind === 'photo') {
    return (
      <span className={classes.thumb}>
        <PartPicture part={part} />
      </span>
    );
  }
  const Icon = KIND_ICONS[part.kind];
  const url = picture?.previewUrl || partPictureUrl(part);
  return (
    <>
      <span className={classes.thumb} data-sending={picture?.isSending || undefined}>
        {url ? <img src={url} alt={partName(part)} /> : <Icon size={18} stroke={1.6} aria-hidden />}
      </span>
      {picture?.error && (
        <span className={classes.problem} role="alert">
          {picture.error}
        </span>
      )}
    </>
  );
}
