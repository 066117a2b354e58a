'use client';

import { Button, Code, Group, Modal, NumberInput, Select, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { CreateApiKeyDocument, type Role } from '../generated/graphql';
import { CopyButton } from '../ui/copy-button';
import { ACCESS_KEY, ROLE_CHOICES, requireSuccess } from './access-queries';
import { DatasetScope } from './dataset-scope';
import classes from './settings.module.css';

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Never' },
];
const DAY_MS = 24 * 3_600_000;

/** Makes a key and shows it, once. */
export function NewKey() {
  const [opened, { open, close }] = useDisclosure();
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <Button size="xs" leftSection={<IconKey size={15} stroke={1.6} aria-hidden />} onClick={open}>
        New key
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={secret === null ? 'New API key' : 'Your new key'}
        closeButtonProps={{ 'aria-label': 'Close' }}
        closeOnClickOutside={secret === null}
        onExitTransitionEnd={() => setSecret(null)}
      >
        {secret === null ? <KeyForm onMade={setSecret} /> : <MadeKey secret={secret} onDone={close} />}
      </Modal>
    </>
  );
}

function KeyForm({ onMade }: { onMade: (secret: string) => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('VIEWER');
  const [datasetIds, setDatasetIds] = useState<string[]>([]);
  const [days, setDays] = useState('90');
  const [requests, setRequests] = useState<number | string>('');
  const [seconds, setSeconds] = useState<number | string>('');
  const make = useMutation({
    mutationFn: async () => {
      const input = {
        name,
        role,
        datasetIds: datasetIds.length > 0 ? datasetIds : null,
        expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
        requestsPerMinute: typeof requests === 'number' ? requests : null,
        encoderSecondsPerMinute: typeof seconds === 'number' ? seconds : null,
      };
      return requireSuccess((await request(CreateApiKeyDocument, { input })).createApiKey);
    },
    onSuccess: (answer) => {
      if (answer.__typename === 'CreateApiKeySuccess') onMade(answer.secret);
      return queryClient.invalidateQueries({ queryKey: ACCESS_KEY });
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <TextInput
        label="Name"
        description="What the key is for: “nightly import”."
        value={name}
        required
        withAsterisk={false}
        data-autofocus
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Select
        label="Role"
        data={ROLE_CHOICES}
        value={role}
        allowDeselect={false}
        onChange={(value) => setRole((value ?? 'VIEWER') as Role)}
      />
      <DatasetScope value={datasetIds} onChange={setDatasetIds} />
      <Select
        label="Ends after"
        data={DAYS}
        value={days}
        allowDeselect={false}
        onChange={(value) => setDays(value ?? '')}
      />
      <Group grow align="end">
        <NumberInput
          label="Requests a minute"
          placeholder="No limit"
          min={1}
          value={requests}
          onChange={setRequests}
        />
        <NumberInput
          label="Encoder seconds a minute"
          placeholder="No limit"
          min={1}
          value={seconds}
          onChange={setSeconds}
        />
      </Group>
      {make.error && (
        <Text c="var(--bad)" size="sm" role="alert">
          {asApiError(make.error).message}
        </Text>
      )}
      <Group justify="flex-end">
        <Button type="submit" loading={make.isPending}>
          Make the key
        </Button>
      </Group>
    </form>
  );
}

function MadeKey({ secret, onDone }: { secret: string; onDone: () => void }) {
  return (
    <div className={classes.form}>
      <Text size="sm">Copy it now: it is kept nowhere and will not be shown again.</Text>
      <Code block className={classes.secret} data-secret>
        {secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>I have kept it</Button>
      </Group>
    </div>
  );
}
