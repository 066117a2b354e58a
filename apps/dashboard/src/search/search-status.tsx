'use client';

import { Tooltip } from '@mantine/core';
import type { Exactness } from '../generated/graphql';
import { formatMs, formatPlural } from '../ui/format';
import classes from './search-page.module.css';
import type { SearchCounts, SearchResults } from './use-search-results';

const EXACTNESS: Record<Exactness, { word: string; meaning: string }> = {
  EXACT: { word: 'exact', meaning: 'Every photo was compared.' },
  APPROXIMATE: { word: 'approximate', meaning: 'The index was used: a few near photos may be missing.' },
  BUDGET_EXHAUSTED: {
    word: 'cut short',
    meaning: 'The time for this search ran out: there may be better photos than these.',
  },
};

type SearchStatusProps = { results: SearchResults; counts: SearchCounts | null };

/** One line of state: how many photos match, how surely, how long it took. */
export function SearchStatus({ results, counts }: SearchStatusProps) {
  const { report, error } = results;
  if (error) return null;
  if (!report) return <p className={classes.status}>{results.isLoading ? 'Searching…' : ''}</p>;
  const { timing, exactness, model } = report;
  const { word, meaning } = EXACTNESS[exactness];
  return (
    <p className={classes.status} role="status">
      {counts && <span>{formatPlural(counts.totalCount, 'match', 'matches')}</span>}
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
