'use client';

import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { datasetNamesQuery } from '../datasets/dataset-queries';
import type { Refusal } from './import-queries';
import classes from './imports.module.css';

export type DestinationValue = { readonly datasetId: string | null; readonly name: string };

type DestinationProps = {
  value: DestinationValue;
  onChange: (value: DestinationValue) => void;
  refusal: Refusal | null;
  /** What happens where the name is left empty; without it, a name is needed. */
  nameHint?: string;
};

const NEW = 'new';

/** The dataset that takes the photos: a new one, or one that is there. */
export function Destination({ value, onChange, refusal, nameHint }: DestinationProps) {
  const { data: datasets = [] } = useQuery(datasetNamesQuery());
  return (
    <div className={classes.fields}>
      <Select
        label="Into"
        data={[
          { value: NEW, label: 'A new dataset' },
          ...datasets.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={value.datasetId ?? NEW}
        onChange={(chosen) => onChange({ ...value, datasetId: chosen === NEW ? null : chosen })}
        allowDeselect={false}
        searchable={datasets.length > 8}
        error={issueOf(refusal, 'datasetId')}
      />
      {value.datasetId === null && (
        <TextInput
          label="Name"
          description={nameHint}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.name}
          onChange={({ currentTarget }) => onChange({ ...value, name: currentTarget.value })}
          error={issueOf(refusal, 'name') ?? (refusal?.code === 'CONFLICT' ? refusal.message : undefined)}
          maxLength={200}
          required={nameHint === undefined}
        />
      )}
    </div>
  );
}

/** What is wrong with one field. */
export const issueOf = (refusal: Refusal | null, field: string): string | undefined =>
  refusal?.issues?.find(({ path }) => path.includes(field))?.message;
