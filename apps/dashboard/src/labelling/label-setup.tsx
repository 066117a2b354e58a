'use client';

import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { EMPTY_FILTER, type PhotoFilter } from '../photos/photo-filter';
import { photoCountQuery, photoFacetsQuery } from '../photos/photo-queries';
import { formatPlural } from '../ui/format';
import { TagsField } from '../ui/tags-field';
import { type LabelPlan, MOST_VALUES } from './label-plan';
import classes from './labelling.module.css';

type LabelSetupProps = {
  datasetId: string;
  filter: PhotoFilter;
  plan: LabelPlan;
  onStart: (plan: LabelPlan) => void;
};

/** What the number keys shall give: classes or tags, and which. */
export function LabelSetup({ datasetId, filter, plan, onStart }: LabelSetupProps) {
  const [as, setAs] = useState(plan.as);
  const [chosen, setChosen] = useState<readonly string[] | null>(plan.values.length > 0 ? plan.values : null);
  const { data: facets } = useQuery(photoFacetsQuery(datasetId, EMPTY_FILTER));
  const { data: total } = useQuery(photoCountQuery(datasetId, filter));
  const known = (as === 'class' ? facets?.classes : facets?.tags) ?? [];
  const names = known.map(({ value }) => value).filter((value) => value !== '');
  // Offered until something is chosen: the values that are in use most.
  const values = chosen ?? names.slice(0, MOST_VALUES);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (values.length > 0) onStart({ as, values });
  };
  return (
    <form className={classes.setup} onSubmit={submit}>
      <p className={classes.lead}>
        One photo at a time, large. A number key gives it a label, arrows move, z takes the last label back.
        Every label is saved at once.
      </p>
      <SegmentedControl
        aria-label="Give classes or tags"
        value={as}
        onChange={(value) => {
          setAs(value === 'tag' ? 'tag' : 'class');
          setChosen(null);
        }}
        data={[
          { value: 'class', label: 'Give a class' },
          { value: 'tag', label: 'Give tags' },
        ]}
      />
      <TagsField
        label={as === 'class' ? 'Classes on the keys 1 to 9' : 'Tags on the keys 1 to 9'}
        description="In this order. Enter adds one."
        data={names}
        value={[...values]}
        onChange={setChosen}
        maxTags={MOST_VALUES}
      />
      <div>
        <Button type="submit" disabled={values.length === 0 || total === 0}>
          {total === undefined ? 'Start' : `Label ${formatPlural(total, 'photo')}`}
        </Button>
      </div>
    </form>
  );
}
