'use client';

import { Button, Code, Group } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asApiError } from '../api/errors';
import { CopyButton } from './copy-button';
import classes from './panels.module.css';

type ErrorPanelProps = {
  error: unknown;
  /** What the person was doing, for the heading: "The search did not work". */
  title: string;
  /** What was kept, when that is not obvious. */
  kept?: string;
  onRetry?: () => void;
  /** Another way on. */
  action?: ReactNode;
};

/** Says what happened, what was not lost and what to do, with the code and trace id to copy. */
export function ErrorPanel({ error, title, kept, onRetry, action }: ErrorPanelProps) {
  const { message, code, traceId } = asApiError(error);
  const reference = traceId ? `${code} ${traceId}` : code;
  return (
    <section className={classes.error} role="alert">
      <IconAlertTriangle size={20} stroke={1.6} aria-hidden className={classes.errorIcon} />
      <div className={classes.errorBody}>
        <h2 className={classes.title}>{title}</h2>
        <p className={classes.text}>{message}</p>
        {kept && <p className={classes.text}>{kept}</p>}
        <Group gap={8} mt={10}>
          {onRetry && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {action}
          <Code className={classes.code}>{reference}</Code>
          <CopyButton value={reference}>
            {({ copied, copy }) => (
              <Button size="xs" variant="subtle" color="gray" onClick={copy}>
                {copied ? 'Copied' : traceId ? 'Copy code and trace id' : 'Copy code'}
              </Button>
            )}
          </CopyButton>
        </Group>
      </div>
    </section>
  );
}
