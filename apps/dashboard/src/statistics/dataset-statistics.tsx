'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { FilterLayout } from '../photos/filter-layout';
import { valueLabel } from '../photos/filter-words';
import { isFiltered, type ListField, toggleValue } from '../photos/photo-filter';
import { photoCountQuery, statisticsQuery } from '../photos/photo-queries';
import { usePhotoFilter } from '../photos/use-photo-filter';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatCount, formatPlural } from '../ui/format';
import { CountChart } from './count-chart';
import { HistogramChart } from './histogram-chart';
import classes from './statistics.module.css';

type DatasetStatisticsProps = { datasetId: string; imageCount: number | undefined };

/** How the photos behind the filter are spread over classes, styles, splits, sizes and caption lengths. */
export function DatasetStatistics({ datasetId, imageCount }: DatasetStatisticsProps) {
  const [filter, setFilter] = usePhotoFilter();
  const statusRef = useRef<HTMLParagraphElement>(null);
  const { data: total } = useQuery(photoCountQuery(datasetId, filter));
  const statistics = useQuery(statisticsQuery(datasetId, filter));
  const pick = (field: ListField) => (value: string) => setFilter(toggleValue(filter, field, value));
  const label = (field: ListField) => (value: string) => valueLabel(field, value);
  const { data, error } = statistics;
  return (
    <FilterLayout
      datasetId={datasetId}
      filter={filter}
      setFilter={setFilter}
      total={total}
      statusRef={statusRef}
      status={total !== undefined && describe(total, imageCount, isFiltered(filter))}
    >
      {error ? (
        <ErrorPanel
          title="The statistics could not be read"
          error={error}
          onRetry={() => void statistics.refetch()}
        />
      ) : !data ? (
        <StatisticsSkeleton />
      ) : total === 0 ? (
        <EmptyPanel title="Nothing to count">No photo is behind this filter.</EmptyPanel>
      ) : (
        <div className={classes.charts}>
          <CountChart
            title="Classes"
            unit="photos"
            counts={data.classes}
            label={label('classes')}
            onPick={pick('classes')}
            isWide
          />
          <CountChart
            title="Styles that photos have queries in"
            unit="photos"
            counts={data.styles}
            label={label('styles')}
            onPick={pick('styles')}
          />
          <CountChart
            title="Splits"
            unit="photos"
            counts={data.splits}
            label={label('splits')}
            onPick={pick('splits')}
          />
          <HistogramChart title="Longest edge" unit="px" what="photos" bins={data.sides} />
          <HistogramChart
            title="Caption length"
            unit="characters"
            what="captions"
            bins={data.captionLengths}
            note={captionNote(data.captionCount, data.uncaptionedCount)}
          />
        </div>
      )}
    </FilterLayout>
  );
}

function StatisticsSkeleton() {
  return (
    <div className={classes.charts} role="status" aria-label="Loading the statistics">
      <Skeleton className={classes.wide} height={320} radius="md" />
      <Skeleton height={280} radius="md" />
      <Skeleton height={280} radius="md" />
    </div>
  );
}

const describe = (total: number, imageCount: number | undefined, filtered: boolean) =>
  filtered && imageCount !== undefined
    ? `${formatCount(total)} of ${formatPlural(imageCount, 'photo')}`
    : formatPlural(total, 'photo');

const captionNote = (captions: number, without: number) =>
  `${formatPlural(captions, 'caption')}; ${formatPlural(without, 'photo')} without one`;
