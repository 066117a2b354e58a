'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ErrorPanel } from '../ui/error-panel';
import { Builder } from './builder';
import { ExportPanel } from './export-panel';
import { LeakPanel } from './leak-panel';
import classes from './query-styles.module.css';
import { SplitPanel } from './split-panel';
import { queryStylesQuery } from './style-queries';
import { StyleTable } from './style-table';

/** From plain photos to a dataset in many styles: what there is, make more, split, check, export. */
export function DatasetQueryStyles({ datasetId }: { datasetId: string }) {
  const { data, error, refetch } = useQuery(queryStylesQuery(datasetId));
  if (error) {
    return (
      <ErrorPanel title="The query styles could not be read" error={error} onRetry={() => void refetch()} />
    );
  }
  if (!data) return <Skeleton height={420} />;
  const { dataset, styleMakers } = data;
  if (!dataset) return <p className={classes.note}>There is no such dataset any more.</p>;
  return (
    <div className={classes.sections}>
      <StyleTable dataset={dataset} makers={styleMakers} />
      <Builder dataset={dataset} makers={styleMakers} />
      <SplitPanel dataset={dataset} />
      <LeakPanel dataset={dataset} />
      <ExportPanel dataset={dataset} />
    </div>
  );
}
