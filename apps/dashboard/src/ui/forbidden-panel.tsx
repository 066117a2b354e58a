'use client';

import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { asApiError } from '../api/errors';
import { PageHeader } from './page-header';
import classes from './panels.module.css';

/** Whether the server knows who asks, and does not let them. */
export const isForbidden = (error: unknown): boolean =>
  error !== null && error !== undefined && asApiError(error).code === 'FORBIDDEN';

type ForbiddenPanelProps = { title: string; children: ReactNode };

/** A page that is there, and not for whoever opened it: says whom to ask. */
export function ForbiddenPanel({ title, children }: ForbiddenPanelProps) {
  return (
    <>
      <PageHeader title={title} />
      <section className={classes.empty} role="alert">
        <IconLock size={26} stroke={1.4} aria-hidden />
        <h2 className={classes.title}>Your role does not reach here</h2>
        <p className={classes.text}>{children}</p>
        <div className={classes.emptyAction}>
          <Button component={Link} href="/" variant="default">
            To the search
          </Button>
        </div>
      </section>
    </>
  );
}
