'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useRef, useState } from 'react';
import { datasetQuery } from '../datasets/dataset-queries';
import { FilterChips } from '../photos/filter-chips';
import { filterKey } from '../photos/photo-filter';
import { photosHref } from '../photos/photo-links';
import { usePhotoFilter } from '../photos/use-photo-filter';
import { PageHeader } from '../ui/page-header';
import { useFocusOnChange } from '../ui/use-focus-handover';
import { type LabelPlan, planFromParams, planToParams } from './label-plan';
import { LabelSetup } from './label-setup';
import classes from './labelling.module.css';
import { LabellingRound } from './labelling-round';

/** One photo after the other, labelled by number keys; the plan and the filter are in the address. */
export function LabellingPage({ datasetId }: { datasetId: string }) {
  const router = useRouter();
  const params = useSearchParams();
  const [filter, setFilter] = usePhotoFilter();
  const { data: dataset } = useQuery(datasetQuery(datasetId));
  const plan = planFromParams(params);
  const [isSetting, setSetting] = useState(plan.values.length === 0);
  // The list to choose, then the round: either takes the place of the other, and of the button that led to it.
  const shown = useRef<HTMLElement>(null);
  const start = (next: LabelPlan) => {
    window.history.replaceState(null, '', `?${planToParams(next, params)}`);
    setSetting(false);
  };
  const isRound = !isSetting && plan.values.length > 0;
  useFocusOnChange(isRound, shown);
  return (
    <>
      <PageHeader
        title={
          <>
            <Link className={classes.back} href={photosHref(datasetId, filter)}>
              {dataset?.name ?? '…'}
            </Link>{' '}
            / Label photos
          </>
        }
        action={
          isRound && (
            <div className={classes.headActions}>
              <Button size="xs" variant="default" onClick={() => setSetting(true)}>
                Change the list
              </Button>
              <Button size="xs" onClick={() => router.push(photosHref(datasetId, filter))}>
                Done
              </Button>
            </div>
          )
        }
      />
      <FilterChips filter={filter} setFilter={setFilter} filtered={shown} />
      <section ref={shown} tabIndex={-1} aria-label={isRound ? 'Round' : 'What the keys give'}>
        {isRound ? (
          <LabellingRound
            key={`${filterKey(filter)} ${plan.as} ${plan.values.join('\n')}`}
            datasetId={datasetId}
            filter={filter}
            plan={plan}
            onLeave={() => router.push(photosHref(datasetId, filter))}
          />
        ) : (
          <LabelSetup datasetId={datasetId} filter={filter} plan={plan} onStart={start} />
        )}
      </section>
    </>
  );
}
