'use client';

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatCount } from '../ui/format';
import classes from './filter-rail.module.css';
import { valueLabel } from './filter-words';
import { type ListField, type PhotoFilter, toggleValue } from './photo-filter';

type Counts = readonly { readonly value: string; readonly count: number }[];

type FacetListProps = {
  title: string;
  field: ListField;
  counts: Counts;
  filter: PhotoFilter;
  onChange: (filter: PhotoFilter) => void;
};

/** As many values as fit without scrolling; the others come by name or by "more". */
const SHOWN_FIRST = 8;

/** The values of one field with their counts, to be ticked. */
export function FacetList({ title, field, counts, filter, onChange }: FacetListProps) {
  const [search, setSearch] = useState('');
  const [isWhole, setWhole] = useState(false);
  const ticked: readonly string[] = filter[field];
  const all = withTicked(counts, ticked);
  if (all.length === 0) return null;
  const words = search.trim().toLowerCase();
  const found = all.filter(({ value }) => valueLabel(field, value).toLowerCase().includes(words));
  const shown =
    isWhole || words
      ? found
      : found.filter(({ value }, place) => place < SHOWN_FIRST || ticked.includes(value));
  return (
    <details className={classes.section} open>
      <summary className={classes.title}>{title}</summary>
      {all.length > SHOWN_FIRST && (
        <TextInput
          size="xs"
          mb={4}
          placeholder="Find"
          aria-label={`Find in ${title.toLowerCase()}`}
          value={search}
          onChange={({ currentTarget: { value } }) => setSearch(value)}
        />
      )}
      <ul className={classes.values} data-whole={isWhole || undefined}>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <label className={classes.value} data-empty={count === 0 || undefined}>
              <input
                type="checkbox"
                checked={ticked.includes(value)}
                onChange={() => onChange(toggleValue(filter, field, value))}
              />
              <span className={classes.name} data-none={value === '' || undefined}>
                {valueLabel(field, value)}
              </span>
              <span className={classes.count}>{formatCount(count)}</span>
            </label>
          </li>
        ))}
      </ul>
      {!words && (shown.length < found.length || isWhole) && (
        <button type="button" className={classes.more} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${formatCount(found.length - shown.length)} more`}
        </button>
      )}
    </details>
  );
}

/** What is ticked stays in the list, even where nothing is left of it. */
function withTicked(counts: Counts, ticked: readonly string[]): Counts {
  const missing = ticked.filter((value) => !counts.some((known) => known.value === value));
  return [...missing.map((value) => ({ value, count: 0 })), ...counts];
}
