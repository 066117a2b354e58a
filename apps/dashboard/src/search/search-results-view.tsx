'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { useFocusHandover } from '../ui/use-focus-handover';
import type { Part } from './query';
import { ResultGrid } from './result-grid';
import { SearchStart } from './search-start';
import type { SearchResults } from './use-search-results';
import { newPhotoPart, type SearchActions } from './use-search-state';

type SearchResultsViewProps = {
  results: SearchResults;
  parts: readonly Part[];
  datasets: readonly string[];
  actions: SearchActions;
  onOpen: (index: number) => void;
};

/** The photos found; or why there are none, and what to do then. */
export function SearchResultsView({ results, parts, datasets, actions, onOpen }: SearchResultsViewProps) {
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
    return <ResultGrid results={results} parts={parts} onOpen={onOpen} />;
  }
  if (results.report.galleryCount > 0) {
    return (
      <EmptyPanel title="No photo to show">Nothing matched. Try fewer parts, or other words.</EmptyPanel>
    );
  }
  return (
    <EmptyPanel
      title="Nothing to search in yet"
      action={
        searchAll || (
          <Button component={Link} href="/datasets/import" size="xs">
            Import photos
          </Button>
        )
      }
    >
      {searchAll
        ? 'The chosen datasets hold no photo that this model has read.'
        : 'There is no photo that this model has read. Photos appear here while they are imported.'}
    </EmptyPanel>
  );
}

const firstHit = () => document.querySelector<HTMLElement>('[data-results] li button');
