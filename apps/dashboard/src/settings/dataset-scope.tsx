'use client';

import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { datasetNamesQuery } from '../datasets/dataset-queries';

type DatasetScopeProps = { value: string[]; onChange: (ids: string[]) => void };

/** The datasets that somebody may see; none chosen means all. */
export function DatasetScope({ value, onChange }: DatasetScopeProps) {
  const datasets = useQuery(datasetNamesQuery());
  return (
    <MultiSelect
      label="Datasets"
      description="All of them, also those to come, where none is chosen."
      data={(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
      placeholder={value.length === 0 ? 'All datasets' : undefined}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose all datasets' }}
    />
  );
}

/** "all datasets", or their names. */
export const scopeWords = (datasets: readonly { name: string }[] | null | undefined): string =>
  datasets ? datasets.map(({ name }) => name).join(', ') || 'no dataset any more' : 'all datasets';
