'use client';

import { IconX } from '@tabler/icons-react';
import classes from './filter-chips.module.css';
import { filterChips } from './filter-words';
import { EMPTY_FILTER, type PhotoFilter } from './photo-filter';
import type { SetFilter } from './use-photo-filter';

/** What the photos are filtered by; each can be taken away, or all at once. */
export function FilterChips({ filter, setFilter }: { filter: PhotoFilter; setFilter: SetFilter }) {
  const chips = filterChips(filter);
  if (chips.length === 0) return null;
  return (
    <ul className={classes.chips} aria-label="Filters">
      {chips.map(({ name, label, without }) => (
        <li key={`${name} ${label}`}>
          <button
            type="button"
            className={classes.chip}
            aria-label={`Remove filter ${name}: ${label}`}
            onClick={() => setFilter(without)}
          >
            <span className={classes.name}>{name}</span>
            <span className={classes.label}>{label}</span>
            <IconX size={13} stroke={1.8} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <button type="button" className={classes.clear} onClick={() => setFilter(EMPTY_FILTER)}>
          Clear
        </button>
      </li>
    </ul>
  );
}
