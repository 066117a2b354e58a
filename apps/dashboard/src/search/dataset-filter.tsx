'use client';

import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import { formatCount, formatPlural } from '../ui/format';
import { useFocusHandover } from '../ui/use-focus-handover';

type DatasetFilterProps = { chosen: readonly string[]; onChange: (ids: readonly string[]) => void };

/** Which datasets are searched; with one dataset there is nothing to choose and nothing is shown. */
export function DatasetFilter({ chosen, onChange }: DatasetFilterProps) {
  const { data: datasets = [] } = useQuery(datasetNamesQuery());
  const list = useRef<HTMLDivElement>(null);
  const handOver = useFocusHandover();
  if (datasets.length < 2 && chosen.length === 0) return null;
  const only = chosen.length === 1 ? datasets.find(({ id }) => id === chosen[0]) : undefined;
  const label = chosen.length === 0 ? 'All datasets' : (only?.name ?? formatPlural(chosen.length, 'dataset'));
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant={chosen.length > 0 ? 'light' : 'default'}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Checkbox.Group value={[...chosen]} onChange={onChange} aria-label="Datasets to search">
          <Stack ref={list} gap={10}>
            {datasets.map(({ id, name, imageCount }) => (
              <Checkbox key={id} size="xs" value={id} label={`${name} · ${formatCount(imageCount)}`} />
            ))}
          </Stack>
        </Checkbox.Group>
        {chosen.length > 0 && (
          <Button
            mt={10}
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              handOver(() => list.current?.querySelector('input'));
              onChange([]);
            }}
          >
            Search all
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
