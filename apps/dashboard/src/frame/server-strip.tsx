'use client';

import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { sessionQuery } from '../session/session-query';
import classes from './server-strip.module.css';

/** Says so while the server does not answer; once it does, what failed in between is asked again by itself. */
export function ServerStrip() {
  const { isError } = useQuery(sessionQuery());
  const queryClient = useQueryClient();
  const wasGone = useRef(false);
  useEffect(() => {
    if (wasGone.current && !isError) {
      void queryClient.refetchQueries({ predicate: ({ state }) => state.status === 'error' });
    }
    wasGone.current = isError;
  }, [isError, queryClient]);
  return (
    <div role="status" className={classes.holder}>
      {isError && (
        <p className={classes.strip}>
          <IconPlugConnectedX size={16} stroke={1.6} aria-hidden />
          The server does not answer. What is on this page is kept; it goes on by itself when the server is
          back.
        </p>
      )}
    </div>
  );
}
