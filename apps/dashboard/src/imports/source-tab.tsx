'use client';

import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { DATASETS_KEY } from '../datasets/dataset-queries';
import { type ImportInput, StartImportDocument } from '../generated/graphql';
import { JOBS_KEY } from '../jobs/job-queries';
import { FocusableButton } from '../ui/focusable-button';
import { useFocusOnChange } from '../ui/use-focus-handover';
import { Destination, issueOf } from './destination';
import type { Refusal } from './import-queries';
import classes from './imports.module.css';
import { PreviewPanel } from './preview-panel';
import { RefusalNote } from './refusal-note';
import type { Reading } from './upload-store';

type SourceTabProps = {
  kind: 'folder' | 'addresses';
  into: string | null;
  onStarted: (jobId: string) => void;
};

const FIELDS = { folder: 'path', addresses: 'urls' } as const;

/** A folder or archive of the server, or addresses of pictures: looked through first, if one likes. */
export function SourceTab({ kind, into, onStarted }: SourceTabProps) {
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const [destination, setDestination] = useState({ datasetId: into, name: '' });
  const [looked, setLooked] = useState<ImportInput | null>(null);
  const preview = useRef<HTMLElement>(null);
  useFocusOnChange(looked !== null, preview);
  const addresses = text.split(/\s+/).filter(Boolean);
  const input = (): ImportInput => ({
    source: kind === 'folder' ? { path: text.trim() } : { urls: addresses },
    ...(destination.datasetId
      ? { datasetId: destination.datasetId }
      : destination.name.trim() && { name: destination.name.trim() }),
  });
  const start = useMutation({
    mutationFn: async (reading: Reading) =>
      (await request(StartImportDocument, { input: { ...input(), ...reading } })).startImport,
    onSuccess: (result) => {
      if (result.__typename !== 'StartImportSuccess') return;
      void queryClient.invalidateQueries({ queryKey: JOBS_KEY });
      void queryClient.invalidateQueries({ queryKey: DATASETS_KEY });
      onStarted(result.job.id);
    },
  });
  const refusal: Refusal | null = start.error
    ? asApiError(start.error)
    : start.data && start.data.__typename !== 'StartImportSuccess'
      ? start.data
      : null;
  const sourceError =
    issueOf(refusal, 'source') ??
    issueOf(refusal, FIELDS[kind]) ??
    (refusal?.code === 'NOT_FOUND' ? refusal.message : undefined);
  const nameError = issueOf(refusal, 'name') ?? issueOf(refusal, 'datasetId');
  const needsName = kind === 'addresses' && destination.datasetId === null && destination.name.trim() === '';
  const isEmpty = kind === 'folder' ? text.trim() === '' : addresses.length === 0;
  const field = {
    value: text,
    error: sourceError,
    required: true,
    spellCheck: false,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => {
      setText(currentTarget.value);
      setLooked(null);
    },
  };
  return (
    <form
      className={classes.card}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        // What is looked through is imported as it was shown, by the button beside it.
        if (!looked) start.mutate({});
      }}
    >
      {kind === 'folder' ? (
        <TextInput
          {...field}
          label="Folder"
          description="On the machine that runs Freestyle; a .zip, .tar or .tgz file does as well. Nothing in it is changed."
          placeholder="/home/me/photos"
        />
      ) : (
        <Textarea
          {...field}
          label="Addresses of pictures"
          description="One on each line. They are fetched by the server; private networks are out of its reach. For more than a list, upload a CSV table with a column “url”."
          placeholder="https://example.org/one.jpg"
          autosize
          minRows={5}
          maxRows={16}
        />
      )}
      <Destination
        value={destination}
        onChange={setDestination}
        refusal={refusal}
        {...(kind === 'folder' && { nameHint: 'Left empty: the folder’s own name.' })}
      />
      {refusal && !sourceError && !nameError && refusal.code !== 'CONFLICT' && (
        <RefusalNote title="The import did not begin" refusal={refusal} />
      )}
      {!looked && (
        <div className={classes.formEnd}>
          <Button variant="default" disabled={isEmpty} onClick={() => setLooked(input())}>
            Show what it would do
          </Button>
          <FocusableButton type="submit" loading={start.isPending} disabled={isEmpty || needsName}>
            Import
          </FocusableButton>
        </div>
      )}
      {looked && (
        <PreviewPanel
          ref={preview}
          input={looked}
          onImport={(reading) => start.mutate(reading)}
          isBusy={start.isPending}
          isDisabled={needsName}
        />
      )}
    </form>
  );
}
