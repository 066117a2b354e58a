'use client';

import { SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { ErrorPanel } from '../ui/error-panel';
import { FacetList } from './facet-list';
import classes from './filter-rail.module.css';
import type { PhotoFilter } from './photo-filter';
import { photoCountQuery, photoFacetsQuery } from './photo-queries';
import type { SetFilter } from './use-photo-filter';

type FilterRailProps = { datasetId: string; filter: PhotoFilter; setFilter: SetFilter };

/** Typing rests this long before the photos are asked for. */
const TYPING_MS = 350;

/** Everything that photos can be filtered by, each value with its count. */
export function FilterRail({ datasetId, filter, setFilter }: FilterRailProps) {
  const count = useQuery(photoCountQuery(datasetId, filter));
  // Counting by every value takes the longest, and an embedded database does one thing at a time: the photos go first.
  const isCounted = count.isError || (count.isSuccess && !count.isPlaceholderData);
  const facetsQuery = photoFacetsQuery(datasetId, filter);
  const { data: facets, error, refetch } = useQuery({ ...facetsQuery, enabled: isCounted });
  // The counts of styles are made without the condition on styles: so is what lacks them.
  const { data: total = 0 } = useQuery(photoCountQuery(datasetId, { ...filter, styles: [] }));
  if (error) {
    return <ErrorPanel title="The counts could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!facets) return <RailSkeleton />;
  const shared = { filter, onChange: (next: PhotoFilter) => setFilter(next) };
  const lacking = facets.styles
    .filter(({ value }) => value !== '')
    .map(({ value, count }) => ({ value, count: Math.max(0, total - count) }))
    .filter(({ count }) => count > 0);
  return (
    <div className={classes.rail}>
      <CaptionFilter filter={filter} setFilter={setFilter} />
      <FacetList title="Split" field="splits" counts={facets.splits} {...shared} />
      <FacetList title="Class" field="classes" counts={facets.classes} {...shared} />
      <FacetList title="Tag" field="tags" counts={facets.tags} {...shared} />
      <FacetList title="Has a query in style" field="styles" counts={facets.styles} {...shared} />
      <FacetList title="Lacks style" field="withoutStyles" counts={lacking} {...shared} />
      <FacetList title="State" field="states" counts={facets.states} {...shared} />
      <FileFilter filter={filter} setFilter={setFilter} />
      <details className={classes.section} open>
        <summary className={classes.title}>Likeness</summary>
        <label className={classes.value}>
          <input
            type="checkbox"
            checked={filter.nearDuplicate === true}
            onChange={({ currentTarget: { checked } }) =>
              setFilter({ ...filter, nearDuplicate: checked ? true : null })
            }
          />
          <span className={classes.name}>Has a near-duplicate</span>
        </label>
      </details>
    </div>
  );
}

type PartProps = Pick<FilterRailProps, 'filter' | 'setFilter'>;

function CaptionFilter({ filter, setFilter }: PartProps) {
  const value = filter.hasCaption === null ? 'any' : filter.hasCaption ? 'some' : 'none';
  return (
    <details className={classes.section} open>
      <summary className={classes.title}>Caption</summary>
      <TypedField
        label="Text in the caption"
        placeholder="Text in the caption"
        value={filter.caption}
        onChange={(caption) => setFilter({ ...filter, caption }, 'typing')}
      />
      <SegmentedControl
        size="xs"
        mt={6}
        fullWidth
        aria-label="With or without a caption"
        value={value}
        onChange={(next) => setFilter({ ...filter, hasCaption: next === 'any' ? null : next === 'some' })}
        data={[
          { value: 'any', label: 'Any' },
          { value: 'some', label: 'Has one' },
          { value: 'none', label: 'No caption' },
        ]}
      />
    </details>
  );
}

function FileFilter({ filter, setFilter }: PartProps) {
  const side = (text: string) => (/^[1-9]\d{0,5}$/.test(text) ? Number(text) : null);
  return (
    <details className={classes.section} open>
      <summary className={classes.title}>File</summary>
      <TypedField
        label="File name"
        placeholder="File name"
        value={filter.fileName}
        onChange={(fileName) => setFilter({ ...filter, fileName }, 'typing')}
      />
      <p className={classes.label}>Longest edge, px</p>
      <div className={classes.pair}>
        <TypedField
          label="Longest edge at least, px"
          placeholder="from"
          inputMode="numeric"
          value={filter.minSide?.toString() ?? ''}
          onChange={(text) => setFilter({ ...filter, minSide: side(text) }, 'typing')}
        />
        <TypedField
          label="Longest edge at most, px"
          placeholder="to"
          inputMode="numeric"
          value={filter.maxSide?.toString() ?? ''}
          onChange={(text) => setFilter({ ...filter, maxSide: side(text) }, 'typing')}
        />
      </div>
      <p className={classes.label}>Added</p>
      <div className={classes.days}>
        <TextInput
          size="xs"
          type="date"
          aria-label="Added since"
          value={filter.since ?? ''}
          onChange={({ currentTarget: { value } }) => setFilter({ ...filter, since: value || null })}
        />
        <TextInput
          size="xs"
          type="date"
          aria-label="Added until"
          value={filter.until ?? ''}
          onChange={({ currentTarget: { value } }) => setFilter({ ...filter, until: value || null })}
        />
      </div>
    </details>
  );
}

type TypedFieldProps = {
  label: string;
  placeholder: string;
  value: string;
  inputMode?: 'numeric';
  onChange: (value: string) => void;
};

/** A field whose value counts once the typing rests. */
function TypedField({ label, placeholder, value, inputMode, onChange }: TypedFieldProps) {
  const [text, setText] = useState(value);
  // Changed from outside: by a chip, by Back.
  useEffect(() => setText(value), [value]);
  // What is ticked while the typing rests stays: the filter is the one of then, not of the last letter.
  const send = useEffectEvent(onChange);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a change of the text starts the clock
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => send(text.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <TextInput
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      inputMode={inputMode}
      spellCheck={false}
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}

function RailSkeleton() {
  return (
    <div className={classes.rail} aria-busy role="status" aria-label="Loading the filters">
      {['96%', '60%', '74%', '52%', '82%', '64%', '70%', '58%'].map((width) => (
        <span key={width} className={classes.blank} style={{ width }} />
      ))}
    </div>
  );
}
