'use client';

import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { CheckDatasetDocument } from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { FocusableButton } from '../ui/focusable-button';
import { formatDateTime, formatPlural, formatShare } from '../ui/format';
import { DatasetJob } from './dataset-job';
import classes from './query-styles.module.css';
import { Section } from './section';
import { type Leak, leaksQuery, type StyleDataset } from './style-queries';

/** Looks for photos that look alike in different splits, and shows them side by side. */
export function LeakPanel({ dataset }: { dataset: StyleDataset }) {
  const queryClient = useQueryClient();
  const check = useMutation({
    mutationFn: async () => (await request(CheckDatasetDocument, { datasetId: dataset.id })).checkDataset,
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: JOBS_KEY }),
  });
  const begun = check.data?.__typename === 'CheckDatasetSuccess' ? check.data.job.id : undefined;
  const refusal = check.data && check.data.__typename !== 'CheckDatasetSuccess' ? check.data : null;
  const failure = check.error ? asApiError(check.error) : refusal;
  const leaks = dataset.leaks.totalCount;
  return (
    <Section
      title="Check for leaks"
      about="A photo that has its like in another split makes a result look better than it is."
    >
      <div className={classes.actions}>
        <FocusableButton
          variant="default"
          leftSection={<IconShieldCheck size={16} stroke={1.6} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          {dataset.checkedAt ? 'Check again' : 'Check now'}
        </FocusableButton>
        <p className={classes.note} data-bad={leaks > 0 || undefined}>
          {describe(dataset)}
        </p>
      </div>
      {failure && (
        <p className={classes.failure} role="alert">
          {failure.message} ({failure.code})
        </p>
      )}
      <DatasetJob datasetId={dataset.id} kind="CHECK" startedId={begun} />
      {leaks > 0 && <LeakList datasetId={dataset.id} />}
    </Section>
  );
}

function describe({ checkedAt, nearDuplicateCount, leaks }: StyleDataset): string {
  if (!checkedAt) return 'Not checked yet.';
  const alike = `${formatPlural(nearDuplicateCount, 'photo')} with a look-alike`;
  const across =
    leaks.totalCount === 0
      ? 'none of them across splits'
      : `${formatPlural(leaks.totalCount, 'pair')} across splits`;
  return `Checked ${formatDateTime(checkedAt)}: ${nearDuplicateCount === 0 ? 'no look-alikes.' : `${alike}, ${across}.`}`;
}

function LeakList({ datasetId }: { datasetId: string }) {
  const query = useInfiniteQuery(leaksQuery(datasetId));
  const pairs = query.data?.pages.flatMap(({ dataset }) => dataset?.leaks.edges ?? []) ?? [];
  return (
    <>
      <ul className={classes.leaks} aria-label="Pairs across splits" aria-busy={query.isFetching}>
        {pairs.map(({ cursor, node }) => (
          <li key={cursor} className={classes.leak}>
            <LeakSide image={node.image} />
            <LeakSide image={node.other} />
            <p className={classes.note}>{likeness(node)}</p>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button mt={12} size="xs" variant="default" onClick={() => void query.fetchNextPage()}>
          Show more pairs
        </Button>
      )}
    </>
  );
}

function LeakSide({ image }: { image: Leak['image'] }) {
  return (
    <figure className={classes.leakSide}>
      <img className={classes.picture} src={image.thumbnailUrl} alt={image.fileName} loading="lazy" />
      <figcaption>
        <span className={classes.badge}>{image.split ?? 'no split'}</span>
        <span className={classes.fileName}>{image.fileName}</span>
      </figcaption>
    </figure>
  );
}

const likeness = ({ similarity, hashBits }: Leak) =>
  [
    similarity != null && `${formatShare(similarity)} alike to the model`,
    hashBits != null && (hashBits === 0 ? 'the same fingerprint' : `${hashBits} of 64 bits differ`),
  ]
    .filter(Boolean)
    .join(' · ');
