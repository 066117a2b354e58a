'use client';

import { Autocomplete, Button, Group, Modal, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/client';
import { useChanges } from '../changes/use-changes';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { type ImageSelectionInput, SelectionCountDocument } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { FocusableButton } from '../ui/focusable-button';
import { formatPlural } from '../ui/format';
import { TagsField } from '../ui/tags-field';
import { BULK_ACTIONS, type BulkActionName } from './bulk-actions';
import classes from './bulk-bar.module.css';
import type { Facets } from './photo-queries';

/** Dark enough for white words on it, in both themes. */
const DANGER = 'red.9';

type BulkDialogProps = {
  name: BulkActionName;
  selection: ImageSelectionInput;
  /** What stands behind it, in words: "Class dog", or null where photos are named one by one. */
  query: string | null;
  facets: Facets | null;
  onDone: () => void;
  onClose: () => void;
};

/** Asks for the new values and says, counted by the server, how many photos it will reach before it does. */
export function BulkDialog({ name, selection, query, facets, onDone, onClose }: BulkDialogProps) {
  const action = BULK_ACTIONS[name];
  const [values, setValues] = useState<string[]>([]);
  const { change } = useChanges();
  const count = useQuery({
    queryKey: [...DATASETS_KEY, 'selection-count', selection],
    queryFn: async ({ signal }) =>
      (await request(SelectionCountDocument, { selection }, signal)).selectionCount,
    staleTime: 0,
  });
  const photos = count.data === undefined ? '… photos' : formatPlural(count.data, 'photo');
  const isComplete = !action.values?.many || values.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ selection, ...action.input(values.map((value) => value.trim())) }, { onSuccess: onDone });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${action.verb} ${photos}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit}>
        <Stack gap={14}>
          {count.error && <ErrorPanel title="The photos could not be counted" error={count.error} />}
          {query !== null && (
            <p className={classes.query}>
              Everything behind the filter: <strong>{query}</strong>. Not only the photos in sight.
            </p>
          )}
          {action.values && <ValueField action={name} values={values} onChange={setValues} facets={facets} />}
          <p className={classes.note}>{action.note}</p>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose} data-autofocus={action.values ? undefined : true}>
              Not now
            </Button>
            <FocusableButton
              type="submit"
              color={name === 'delete' ? DANGER : undefined}
              loading={change.isPending}
              disabled={!isComplete || count.data === undefined || count.data === 0}
            >
              {action.verb} {photos}
            </FocusableButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

type ValueFieldProps = {
  action: BulkActionName;
  values: string[];
  onChange: (values: string[]) => void;
  facets: Facets | null;
};

function ValueField({ action, values, onChange, facets }: ValueFieldProps) {
  const kind = BULK_ACTIONS[action].values;
  if (!kind) return null;
  const known = (facets?.[kind.facet] ?? []).map(({ value }) => value).filter((value) => value !== '');
  if (kind.many) {
    return (
      <TagsField
        label="Tags"
        description="Several with Enter or a comma."
        data={known}
        value={values}
        onChange={onChange}
        data-autofocus
      />
    );
  }
  return (
    <Autocomplete
      label={kind.facet === 'splits' ? 'To split' : 'Class'}
      placeholder={kind.facet === 'splits' ? 'no split' : 'no class'}
      data={known}
      value={values[0] ?? ''}
      onChange={(value) => onChange(value === '' ? [] : [value])}
      data-autofocus
      spellCheck={false}
    />
  );
}
