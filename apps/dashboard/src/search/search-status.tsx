'use client';

import { Tooltip } from '@mantine/core';
import type { Exactness } from '../generated/graphql';
import { formatMs, formatPlural } from '../ui/format';
import { isComplete, type Part } from './query';
import classes from './search-page.module.css';
import type { SearchResults } from './use-search-results';

const EXACTNESS: Record<Exactness, { word: string; meaning: string }> = {
  EXACT: { word: 'exact', meaning: 'Every photo was compared.' },
  APPROXIMATE: { word: 'approximate', meaning: 'The index was used: a few near photos may be missing.' },
  BUDGET_EXHAUSTED: {
    word: 'cut short',
    meaning: 'The time for this search ran out: there may be better photos than these.',
  },
};

/** One line of state: how many photos were looked at, how surely, how long it took. */
export function SearchStatus({ results, parts }: { results: SearchResults; parts: readonly Part[] }) {
  const { report, input, error } = results;
  if (error) return null;
  if (input === null && parts.some((part) => part.negative && isComplete(part))) {
    return <p className={classes.status}>Only parts that push away: add one that says what to look for.</p>;
  }
  if (!report) return <p className={classes.status}>{results.isLoading ? 'Searching…' : ''}</p>;
  const { timing, galleryCount, exactness, model } = report;
  const { word, meaning } = EXACTNESS[exactness];
  return (
    <p className={classes.status} role="status">
      <span>{formatPlural(galleryCount, 'photo')}</span>
      <Tooltip label={meaning}>
        <span>{word}</span>
      </Tooltip>
      <Tooltip label="Reading the query + comparing it with the photos">
        <span>
          {formatMs(timing.encodeMs)} + {formatMs(timing.searchMs)}
        </span>
      </Tooltip>
      <span className={classes.model}>{model.name}</span>
    </p>
  );
}
