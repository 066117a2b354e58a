'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { type AccessQuery, EndSessionDocument } from '../generated/graphql';
import { formatDateTime } from '../ui/format';
import { ACCESS_KEY, requireSuccess } from './access-queries';
import { ConfirmButton } from './confirm-button';
import classes from './settings.module.css';

type SessionListProps = { sessions: AccessQuery['sessions'] };

/** Browsers that are signed in; each can be ended. */
export function SessionList({ sessions }: SessionListProps) {
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: async (id: string) => requireSuccess((await request(EndSessionDocument, { id })).endSession),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ACCESS_KEY }),
  });
  return (
    <section className={classes.section} aria-labelledby="sessions">
      <h2 className={classes.heading} id="sessions">
        Signed in
      </h2>
      {end.error && (
        <p role="alert" className={classes.bad}>
          {asApiError(end.error).message}
        </p>
      )}
      <ul className={classes.rows}>
        {sessions.map(({ id, who, address, userAgent, isCurrent, lastUsedAt }) => (
          <li key={id} className={classes.row}>
            <div className={classes.what}>
              <strong>{who}</strong> {isCurrent && <span className={classes.badge}>this browser</span>}
              <span className={classes.dim}>
                {browserOf(userAgent)} · from {address}
              </span>
            </div>
            <span className={classes.when}>used {formatDateTime(lastUsedAt)}</span>
            {!isCurrent && (
              <ConfirmButton
                label="End"
                name={`End the session of ${who} from ${address}`}
                question="That browser has to sign in again."
                onConfirm={() => end.mutate(id)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const BROWSERS = ['Edg', 'Firefox', 'Chrome', 'Safari'] as const;

/** The browser in one word; what it says of itself where that is none of these. */
function browserOf(userAgent: string): string {
  const found = BROWSERS.find(
    (name) => userAgent.includes(`${name}/`) || userAgent.includes(`Headless${name}/`),
  );
  return found === 'Edg' ? 'Edge' : (found ?? (userAgent.slice(0, 40) || 'a program'));
}
