'use client';

import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { ImportFolderDocument, type ImportFolderMutation } from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { DATASETS_KEY } from './dataset-queries';

type Refusal = Exclude<ImportFolderMutation['importFolder'], { __typename: 'ImportFolderSuccess' }>;

/** Names a folder of the machine that runs Freestyle; the import then runs as a job. */
export function ImportForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [fields, setFields] = useState({ path: '', name: '', description: '' });
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const start = useMutation({
    mutationFn: async () => {
      const { path, name, description } = fields;
      const input = { path: path.trim(), name: name.trim() || null, description: description.trim() || null };
      return (await request(ImportFolderDocument, { input })).importFolder;
    },
    onSuccess: (result) => {
      if (result.__typename !== 'ImportFolderSuccess') return setRefusal(result);
      setFields({ path: '', name: '', description: '' });
      void queryClient.invalidateQueries({ queryKey: JOBS_KEY });
      void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
      onClose();
    },
    onMutate: () => setRefusal(null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const field = (name: keyof typeof fields) => ({
    value: fields[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setFields((before) => ({ ...before, [name]: value })),
    error: issueOf(refusal, name),
  });
  const failure = start.error ? asApiError(start.error) : null;
  const general = failure ?? (refusal && !hasFieldIssue(refusal) ? refusal : null);
  const pathError = field('path').error ?? (general ? `${general.message} (${general.code})` : undefined);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Import a folder"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit}>
        <Stack gap={14}>
          <TextInput
            {...field('path')}
            label="Folder"
            description="On the machine that runs Freestyle. Subfolders are read too; nothing in it is changed."
            placeholder="/home/me/photos"
            error={pathError}
            required
            data-autofocus
            spellCheck={false}
          />
          <TextInput {...field('name')} label="Name" description="Left empty: the folder’s own name." />
          <Textarea {...field('description')} label="What it is" autosize minRows={2} maxRows={5} />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button type="submit" loading={start.isPending} disabled={fields.path.trim() === ''}>
              Import
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const issueOf = (refusal: Refusal | null, field: string) =>
  refusal?.__typename === 'ValidationError'
    ? refusal.issues.find(({ path }) => path.at(-1) === field)?.message
    : undefined;

const hasFieldIssue = (refusal: Refusal) =>
  ['path', 'name', 'description'].some((field) => issueOf(refusal, field) !== undefined);
