'use client';

import { Button } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { DatasetFilter } from './dataset-filter';
import type { Part } from './query';
import classes from './search-page.module.css';
import { SearchStatus } from './search-status';
import type { SearchResults } from './use-search-results';
import { newTextPart, type SearchActions } from './use-search-state';

type SearchBarProps = {
  parts: readonly Part[];
  datasets: readonly string[];
  results: SearchResults;
  actions: SearchActions;
  onWords: () => void;
  onStartOver: () => void;
};

const QUIET = { size: 'xs', variant: 'subtle', color: 'gray' } as const;

/** Under the query: what it searches, what can be added to it, and how the search went. */
export function SearchBar({ parts, datasets, results, actions, onWords, onStartOver }: SearchBarProps) {
  return (
    <div className={classes.bar}>
      <DatasetFilter chosen={datasets} onChange={actions.setDatasets} />
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
      <SearchStatus results={results} parts={parts} />
    </div>
  );
}
