'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { EMPTY_FILTER, isFiltered } from '../photos/photo-filter';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatPlural } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';
import type { SearchState } from './query';
import { ResultGrid } from './result-grid';
import classes from './search-page.module.css';
import { SearchStart } from './search-start';
import type { SearchCounts, SearchResults } from './use-search-results';
import { newPhotoPart, type SearchActions } from './use-search-state';

type SearchResultsViewProps = {
  results: SearchResults;
  state: SearchState;
  counts: SearchCounts | null;
  actions: SearchActions;
  onOpen: (index: number) => void;
};

/** The photos found; or why there are none, and what to do then. */
export function SearchResultsView({ results, state, counts, actions, onOpen }: SearchResultsViewProps) {
  const { parts, datasets } = state;
  const handOver = useFocusHandover();
  /** What is pressed here makes room for photos. */
  const leadsToHits = (change: () => void) => () => {
    handOver(firstHit);
    change();
  };
  const searchAll = datasets.length > 0 && (
    <Button size="xs" variant="default" onClick={leadsToHits(() => actions.setDatasets([]))}>
      Search all datasets
    </Button>
  );
  if (results.error) {
    return (
      <ErrorPanel
        title="The search did not work"
        error={results.error}
        kept="Your query is kept, here and in the address."
        onRetry={leadsToHits(results.retry)}
        action={searchAll}
      />
    );
  }
  if (results.input === null) {
    const startFrom = (id: string) => leadsToHits(() => actions.replaceParts([...parts, newPhotoPart(id)]))();
    return <SearchStart parts={parts} datasets={datasets} onPhoto={startFrom} />;
  }
  if (!results.report || results.hits.length > 0) {
    return (
      <>
        {state.weak && (
          <p className={classes.weak} role="status">
            Weaker hits are shown too: they may have nothing to do with it.
            <Button size="compact-xs" variant="subtle" onClick={leadsToHits(() => actions.setWeak(false))}>
              Only good matches
            </Button>
          </p>
        )}
        <ResultGrid results={results} parts={parts} onOpen={onOpen} />
      </>
    );
  }
  const { nothing } = results.report;
  if (nothing?.reason === 'NO_PHOTOS') {
    const unfilter = isFiltered(state.filter) && (
      <Button size="xs" variant="default" onClick={leadsToHits(() => actions.setFilter(EMPTY_FILTER))}>
        Clear the filter
      </Button>
    );
    const bring = (
      <Button component={Link} href="/datasets/import" size="xs">
        Import photos
      </Button>
    );
    return (
      <EmptyPanel title={nothing.message} action={unfilter || searchAll || bring}>
        {unfilter || searchAll
          ? 'Only photos that this model has read are searched.'
          : 'There is no photo that this model has read. Photos appear here while they are imported.'}
      </EmptyPanel>
    );
  }
  const below = counts?.belowFloorCount ?? 0;
  return (
    <EmptyPanel
      title={nothing?.message ?? 'Nothing here matches.'}
      action={
        below > 0 &&
        nothing?.reason !== 'EMPTY_PICTURE' && (
          <Button size="xs" variant="default" onClick={leadsToHits(() => actions.setWeak(true))}>
            {`Show ${formatPlural(below, 'weaker hit')}`}
          </Button>
        )
      }
    >
      {ADVICE[nothing?.reason ?? 'NO_MATCH']}
    </EmptyPanel>
  );
}

const ADVICE = {
  NO_MATCH: 'No photo stands out enough from the others. Try other words, a sketch, or a picture like it.',
  NO_PHOTOS: '',
  EMPTY_PICTURE: 'Draw something, or bring a picture that shows something.',
  TAKEN_AWAY: 'Take out the part that says “without”, or give it less weight.',
} as const;

const firstHit = () => document.querySelector<HTMLElement>('[data-results] li button');
