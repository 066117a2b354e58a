'use client';

import { useEffect, useRef } from 'react';
import { formatScore } from '../ui/format';
import { moveFocusInGrid } from '../ui/grid-keys';
import type { Part } from './query';
import classes from './result-grid.module.css';
import { ScoreBar } from './score-bar';
import { BAR_SCALE, scorePieces } from './score-pieces';
import type { Hit, SearchPage, SearchResults } from './use-search-results';

type ResultGridProps = {
  results: SearchResults;
  parts: readonly Part[];
  onOpen: (index: number) => void;
};

const SKELETONS_FIRST = 24;
const SKELETONS_MORE = 10;

/** The ranked hits. Loading keeps the shape: skeletons have the size of tiles, and older hits stay until newer come. */
export function ResultGrid({ results, parts, onOpen }: ResultGridProps) {
  const { hits, report, isLoading, isLoadingMore, isStale } = results;
  const skeletons = isLoading ? SKELETONS_FIRST : isLoadingMore ? SKELETONS_MORE : 0;
  return (
    <>
      <ul
        className={classes.grid}
        aria-label="Photos found"
        aria-busy={isLoading || isStale}
        data-stale={isStale || undefined}
        onKeyDown={moveFocusInGrid}
        data-results
      >
        {hits.map((hit, index) => (
          <ResultTile
            key={hit.node.id}
            hit={hit}
            parts={parts}
            reports={report?.parts ?? []}
            floor={report?.floorScore ?? null}
            onOpen={() => onOpen(index)}
          />
        ))}
        {Array.from({ length: skeletons }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: skeletons are all alike
          <li key={`skeleton-${index}`} className={classes.tile} aria-hidden>
            <div className={classes.skeleton} />
            <div className={classes.skeletonBar} />
          </li>
        ))}
      </ul>
      {results.hasMore && <MoreSentinel results={results} />}
    </>
  );
}

type ResultTileProps = {
  hit: Hit;
  parts: readonly Part[];
  reports: SearchPage['parts'];
  floor: number | null;
  onOpen: () => void;
};

function ResultTile({ hit, parts, reports, floor, onOpen }: ResultTileProps) {
  const { node, score, rank } = hit;
  const pieces = scorePieces(hit, parts, reports);
  const words = node.captions[0] ?? node.fileName;
  return (
    <li className={classes.tile}>
      <button
        type="button"
        className={classes.open}
        onClick={onOpen}
        aria-label={`${rank}. ${words}, score ${formatScore(score)}`}
      >
        <span className={classes.picture}>
          <img src={node.thumbnailUrl} alt="" loading="lazy" decoding="async" />
          <span className={classes.why} aria-hidden>
            {pieces.length > 1 ? (
              pieces.map((piece) => (
                <span key={piece.name} className={classes.whyRow}>
                  <span className={classes.whyName}>
                    {piece.place + 1} {piece.name}
                  </span>
                  <span>{formatScore(piece.value)}</span>
                </span>
              ))
            ) : (
              <span className={classes.whyCaption}>{words}</span>
            )}
          </span>
        </span>
        <ScoreBar score={score} pieces={pieces} scale={BAR_SCALE} floor={floor} />
      </button>
    </li>
  );
}

/** Asks for the next page when the end of the list comes near; the button is for those who do not scroll. */
function MoreSentinel({ results }: { results: SearchResults }) {
  const { isLoadingMore, loadMore } = results;
  const ref = useRef<HTMLButtonElement>(null);
  const latest = useRef(loadMore);
  latest.current = loadMore;
  useEffect(() => {
    const element = ref.current;
    // Observed anew after each page: a sentinel that stays in sight tells nothing by itself.
    if (!element || isLoadingMore) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), {
      rootMargin: '600px',
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isLoadingMore]);
  return (
    <button ref={ref} type="button" className={classes.more} onClick={loadMore} aria-disabled={isLoadingMore}>
      {isLoadingMore ? 'Loading more…' : 'Show more'}
    </button>
  );
}
