'use client';

import { Button, SegmentedControl } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import type { SearchMode } from '../generated/graphql';
import { DatasetFilter } from './dataset-filter';
import type { Part } from './query';
import classes from './search-page.module.css';
import { SearchStatus } from './search-status';
import type { SearchCounts, SearchResults } from './use-search-results';
import { newTextPart, type SearchActions } from './use-search-state';

type SearchBarProps = {
  parts: readonly Part[];
  datasets: readonly string[];
  mode: SearchMode;
  results: SearchResults;
  counts: SearchCounts | null;
  actions: SearchActions;
  onWords: () => void;
  onStartOver: () => void;
};

const QUIET = { size: 'xs', variant: 'subtle', color: 'gray' } as const;

const MODES: { value: SearchMode; label: string }[] = [
  { value: 'HYBRID', label: 'Meaning + words' },
  { value: 'MEANING', label: 'Meaning' },
  { value: 'WORDS', label: 'Words' },
];

/** Under the query: what it searches, what can be added to it, and how the search went. */
export function SearchBar(props: SearchBarProps) {
  const { parts, datasets, mode, results, counts, actions, onWords, onStartOver } = props;
  const hasWords = parts.some(({ kind }) => kind === 'text');
  return (
    <div className={classes.bar}>
      <DatasetFilter chosen={datasets} onChange={actions.setDatasets} />
      {hasWords && (
        <SegmentedControl
          size="xs"
          aria-label="By what words find photos"
          value={mode}
          onChange={(next) => actions.setMode(next as SearchMode)}
          data={MODES}
        />
      )}
      {parts.length > 0 && (
        <>
          <Button {...QUIET} leftSection={<IconPlus size={14} aria-hidden />} onClick={onWords}>
            Words
          </Button>
          <Button
            {...QUIET}
            leftSection={<IconMinus size={14} aria-hidden />}
            title="Words for what the photos shall not show"
            onClick={() => actions.add(newTextPart('', true))}
          >
            Without
          </Button>
          <Button {...QUIET} onClick={onStartOver}>
            Start over
          </Button>
        </>
      )}
      <SearchStatus results={results} counts={counts} />
    </div>
  );
}
