'use client';

import { Button, Skeleton, Tabs } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useView } from '../evaluations/use-view';
import { EmptyPanel } from '../ui/empty-panel';
import { ErrorPanel } from '../ui/error-panel';
import { formatPlural } from '../ui/format';
import { PageHeader } from '../ui/page-header';
import { AddModel } from './add-model';
import { History } from './history';
import { modelsQuery } from './model-queries';
import { ModelTable } from './model-table';
import classes from './models.module.css';
import { SpacesPanel } from './spaces-panel';
import { Suggestions } from './suggestions';

const VIEWS = [
  { value: 'encoders', label: 'Query encoders' },
  { value: 'spaces', label: 'Backbones and spaces' },
  { value: 'better', label: 'Better models' },
  { value: 'history', label: 'History' },
] as const;

/** The registry: what encodes queries, what encodes the gallery, what else there is, and what answered when. */
export function ModelsPage() {
  const models = useQuery(modelsQuery());
  const view = useView();
  const shown = VIEWS.find(({ value }) => value === view.get('view'))?.value ?? 'encoders';
  const live = models.data?.find(({ isLive }) => isLive);
  const usable = models.data?.filter(({ trouble }) => !trouble) ?? [];
  const encoders = usable.filter(({ kind }) => kind === 'QUERY_ENCODER');
  return (
    <>
      <PageHeader
        title="Models"
        state={
          models.data &&
          `${formatPlural(encoders.length, 'query encoder')} · ${live ? `${live.name} answers searches` : 'the model loads'}`
        }
        action={
          <Button
            leftSection={<IconPlus size={17} stroke={1.6} aria-hidden />}
            onClick={() => view.set('add', '1')}
          >
            Add a model
          </Button>
        }
      />
      <AddModel opened={view.get('add') === '1'} onClose={() => view.set('add', null)} />
      <Tabs value={shown} onChange={(value) => view.set('view', value)} keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          {VIEWS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="encoders">
          {models.error ? (
            <ErrorPanel
              title="The registry could not be read"
              error={models.error}
              onRetry={() => void models.refetch()}
            />
          ) : !models.data ? (
            <Skeleton height={220} mt={16} />
          ) : usable.length === 0 ? (
            <EmptyPanel title="No model yet">The model is being loaded.</EmptyPanel>
          ) : (
            <ModelTable models={usable} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="spaces">
          <SpacesPanel models={usable} />
        </Tabs.Panel>
        <Tabs.Panel value="better">
          <Suggestions />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
