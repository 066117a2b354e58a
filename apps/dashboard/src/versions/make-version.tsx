'use client';

import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCamera } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type Ref, useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { CreateVersionDocument } from '../generated/graphql';
import { FocusableButton } from '../ui/focusable-button';
import { versionTitle } from './version-words';
import classes from './versions.module.css';

type MakeVersionProps = { datasetId: string; isFirst?: boolean; buttonRef?: Ref<HTMLButtonElement> };

/** Keeps the dataset as it is now, under a name if one is given. */
export function MakeVersion({ datasetId, isFirst = false, buttonRef }: MakeVersionProps) {
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: async () =>
      (await request(CreateVersionDocument, { datasetId, name: name.trim() || null })).createVersion,
    onSuccess: (result) => {
      if (result.__typename !== 'CreateVersionSuccess') return;
      const title = versionTitle(result.version);
      notifications.show(
        result.isNew
          ? { title: `${title} is made`, message: 'Nothing that you do from now on changes it.' }
          : { title: `Nothing changed since ${title}`, message: 'It holds just what there is now.' },
      );
      setName('');
      void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
    },
  });
  const refusal = make.data && make.data.__typename !== 'CreateVersionSuccess' ? make.data : null;
  const failure = make.error ? asApiError(make.error) : refusal;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form className={classes.make} onSubmit={submit} data-first={isFirst || undefined}>
      <TextInput
        className={classes.makeName}
        aria-label="Name of the version (optional)"
        placeholder="Name (optional)"
        maxLength={120}
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
        error={failure ? `${failure.message} (${failure.code})` : undefined}
      />
      <FocusableButton
        ref={buttonRef}
        type="submit"
        loading={make.isPending}
        leftSection={<IconCamera size={16} stroke={1.6} aria-hidden />}
      >
        Make a version
      </FocusableButton>
    </form>
  );
}
