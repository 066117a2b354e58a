'use client';

import { NativeSelect } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { BuildQueriesDocument } from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { FocusableButton } from '../ui/focusable-button';
import { formatCount, formatPlural } from '../ui/format';
import { BuildPreview } from './build-preview';
import { DatasetJob } from './dataset-job';
import { MakerChoices } from './maker-choices';
import classes from './query-styles.module.css';
import { Section } from './section';
import type { ChosenVersion, StyleDataset, StyleMaker } from './style-queries';

type BuilderProps = { dataset: StyleDataset; makers: readonly StyleMaker[] };

const EVERY_PHOTO = 'every photo';
const IN_NO_SPLIT = 'no split';

/** Chooses makers and strengths, shows them on six photos, and makes them of all. */
export function Builder({ dataset, makers }: BuilderProps) {
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<readonly ChosenVersion[]>(() => firstChoice(makers));
  const [split, setSplit] = useState(EVERY_PHOTO);
  const start = useMutation({
    mutationFn: async () => {
      const filter = split === EVERY_PHOTO ? null : { splits: [split === IN_NO_SPLIT ? '' : split] };
      const input = { datasetId: dataset.id, makers: asInput(chosen), filter };
      return (await request(BuildQueriesDocument, { input })).buildQueries;
    },
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: JOBS_KEY }),
  });
  const begun = start.data?.__typename === 'BuildQueriesSuccess' ? start.data.job.id : undefined;
  const refusal = start.data && start.data.__typename !== 'BuildQueriesSuccess' ? start.data : null;
  const failure = start.error ? asApiError(start.error) : refusal;
  const photos = photoCount(dataset, split);
  return (
    <Section
      title="Make more"
      about="Choose what to make of each photo, and how far from it. What a photo has already is not made again."
    >
      <div className={classes.builder}>
        <MakerChoices makers={makers} chosen={chosen} onChoose={setChosen} />
        <BuildPreview datasetId={dataset.id} makers={makers} chosen={chosen} />
      </div>
      <div className={classes.actions}>
        {dataset.facets.splits.length > 1 && (
          <NativeSelect
            aria-label="Photos to make them of"
            value={split}
            onChange={({ currentTarget: { value } }) => setSplit(value)}
            data={[
              { value: EVERY_PHOTO, label: 'Every photo' },
              ...dataset.facets.splits.map(({ value }) => ({
                value: value || IN_NO_SPLIT,
                label: value ? `Photos in ${value}` : 'Photos in no split',
              })),
            ]}
          />
        )}
        <FocusableButton
          leftSection={<IconWand size={16} stroke={1.6} aria-hidden />}
          disabled={chosen.length === 0 || photos === 0}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          Make {formatCount(chosen.length * photos)} queries
        </FocusableButton>
        <p className={classes.note}>
          {formatPlural(chosen.length, 'version')} of {formatPlural(photos, 'photo')}
        </p>
      </div>
      {failure && (
        <p className={classes.failure} role="alert">
          {failure.message} ({failure.code})
        </p>
      )}
      <DatasetJob datasetId={dataset.id} kind="BUILD" startedId={begun} />
    </Section>
  );
}

/** The first maker of each style, so that the preview shows at once what this is about. */
function firstChoice(makers: readonly StyleMaker[]): ChosenVersion[] {
  return [...new Set(makers.map(({ style }) => style))].flatMap((style) => {
    const maker = makers.find((one) => one.style === style);
    return maker ? [{ maker: maker.name, strength: maker.hasStrength ? 0.5 : null }] : [];
  });
}

function asInput(chosen: readonly ChosenVersion[]) {
  return [...new Set(chosen.map(({ maker }) => maker))].map((maker) => ({
    maker,
    strengths: chosen.flatMap((one) => (one.maker === maker && one.strength !== null ? [one.strength] : [])),
  }));
}

const photoCount = ({ imageCount, facets }: StyleDataset, split: string) =>
  split === EVERY_PHOTO
    ? imageCount
    : (facets.splits.find(({ value }) => value === (split === IN_NO_SPLIT ? '' : split))?.count ?? 0);
