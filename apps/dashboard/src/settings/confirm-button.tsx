'use client';

import { Button, Group, Popover, Text } from '@mantine/core';
import { useState } from 'react';

type ConfirmButtonProps = {
  label: string;
  /** What will happen, in a sentence. */
  question: string;
  onConfirm: () => void;
  loading?: boolean;
  /** Tells it from others like it: "Revoke nightly import". */
  name: string;
};

/** Asks once before something that cannot be taken back. */
export function ConfirmButton({ label, question, onConfirm, loading = false, name }: ConfirmButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} width={260} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="default"
          loading={loading}
          aria-label={name}
          onClick={() => setOpen((is) => !is)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Text size="sm">{question}</Text>
        <Group gap={8} mt={10} justify="flex-end">
          <Button size="xs" variant="default" onClick={() => setOpen(false)}>
            Cancel
          </Button>
          <Button
            size="xs"
            color="red"
            onClick={() => {
              setOpen(false);
              onConfirm();
            }}
          >
            {label}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
