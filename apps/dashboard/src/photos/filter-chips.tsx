'use client';

import { IconX } from '@tabler/icons-react';
import { type RefObject, useRef } from 'react';
import { placeAfter, useFocusHandover } from '../ui/use-focus-handover';
import classes from './filter-chips.module.css';
import { filterChips } from './filter-words';
import { EMPTY_FILTER, type PhotoFilter } from './photo-filter';
import type { SetFilter } from './use-photo-filter';

type FilterChipsProps = {
  filter: PhotoFilter;
  setFilter: SetFilter;
  /** Takes the focus when no filter is left. */
  filtered: RefObject<HTMLElement | null>;
};

/** What the photos are filtered by; each can be taken away, or all at once. */
export function FilterChips({ filter, setFilter, filtered }: FilterChipsProps) {
  const list = useRef<HTMLUListElement>(null);
  const handOver = useFocusHandover();
  const chips = filterChips(filter);
  if (chips.length === 0) return null;
  const remove = (place: number, without: PhotoFilter) => {
    const next = placeAfter(place, chips.length);
    handOver(() => list.current?.querySelectorAll('button')[next] ?? filtered.current);
    setFilter(without);
  };
  return (
    <ul ref={list} className={classes.chips} aria-label="Filters">
      {chips.map(({ name, label, without }, place) => (
        <li key={`${name} ${label}`}>
          <button
            type="button"
            className={classes.chip}
            aria-label={`Remove filter ${name}: ${label}`}
            onClick={() => remove(place, without)}
          >
            <span className={classes.name}>{name}</span>
            <span className={classes.label}>{label}</span>
            <IconX size={13} stroke={1.8} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <button
          type="button"
          className={classes.clear}
          onClick={() => {
            handOver(() => filtered.current);
            setFilter(EMPTY_FILTER);
          }}
        >
          Clear
        </button>
      </li>
    </ul>
  );
}
