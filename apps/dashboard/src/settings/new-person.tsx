'use client';

import { Button, Group, Modal, PasswordInput, Select, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { CreatePersonDocument, type Role } from '../generated/graphql';
import { ROLE_CHOICES, requireSuccess } from './access-queries';
import { DatasetScope } from './dataset-scope';
import classes from './settings.module.css';

/** Lets somebody sign in; the first one administers. */
export function NewPerson({ isFirst }: { isFirst: boolean }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button size="xs" leftSection={<IconUserPlus size={15} stroke={1.6} aria-hidden />} onClick={open}>
        {isFirst ? 'First administrator' : 'New person'}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={isFirst ? 'The first administrator' : 'New person'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <PersonForm isFirst={isFirst} onDone={close} />
      </Modal>
    </>
  );
}

function PersonForm({ isFirst, onDone }: { isFirst: boolean; onDone: () => void }) {
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>(isFirst ? 'ADMIN' : 'VIEWER');
  const [datasetIds, setDatasetIds] = useState<string[]>([]);
  const make = useMutation({
    mutationFn: async () => {
      const scope = datasetIds.length > 0 ? datasetIds : null;
      const input = { email, name, password, role, datasetIds: scope };
      return requireSuccess((await request(CreatePersonDocument, { input })).createPerson);
    },
    onSuccess: async () => {
      onDone();
      // After the first administrator everybody is asked to sign in, also here.
      await queryClient.resetQueries();
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
      {isFirst && (
        <Text size="sm" c="var(--fg-dim)">
          From then on everybody has to sign in, on this machine too.
        </Text>
      )}
      <TextInput
        label="E-mail"
        type="email"
        autoComplete="off"
        required
        withAsterisk={false}
        data-autofocus
        value={email}
        onChange={({ currentTarget }) => setEmail(currentTarget.value)}
      />
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        description="12 characters or more. Tell it to them by a way that you trust; they can change it."
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
      />
      {!isFirst && (
        <>
          <Select
            label="Role"
            data={ROLE_CHOICES}
            value={role}
            allowDeselect={false}
            onChange={(value) => setRole((value ?? 'VIEWER') as Role)}
          />
          <DatasetScope value={datasetIds} onChange={setDatasetIds} />
        </>
      )}
      {make.error && (
        <Text c="var(--bad)" size="sm" role="alert">
          {asApiError(make.error).message}
        </Text>
      )}
      <Group justify="flex-end">
        <Button type="submit" loading={make.isPending}>
          {isFirst ? 'Make the administrator' : 'Let them sign in'}
        </Button>
      </Group>
    </form>
  );
}
