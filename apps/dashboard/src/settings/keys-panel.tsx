'use client';

import { Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { RevokeApiKeyDocument } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { formatDate, formatDateTime } from '../ui/format';
import { ACCESS_KEY, type KeyRow, keysQuery, requireSuccess } from './access-queries';
import { ConfirmButton } from './confirm-button';
import { scopeWords } from './dataset-scope';
import { NewKey } from './new-key';
import classes from './settings.module.css';

/** The keys of programs: what each may do, and when it was last used. */
export function KeysPanel() {
  const queryClient = useQueryClient();
  const keys = useQuery(keysQuery());
  const revoke = useMutation({
    mutationFn: async (id: string) =>
      requireSuccess((await request(RevokeApiKeyDocument, { id })).revokeApiKey),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ACCESS_KEY }),
  });
  return (
    <section className={classes.section} aria-labelledby="keys">
      <div className={classes.head}>
        <h2 className={classes.heading} id="keys">
          API keys
        </h2>
        <NewKey />
      </div>
      <p className={classes.hint}>
        Programs send one as <code>Authorization: Bearer …</code>. A key is shown once, when it is made.
      </p>
      {revoke.error && (
        <p role="alert" className={classes.bad}>
          {asApiError(revoke.error).message}
        </p>
      )}
      {keys.error ? (
        <ErrorPanel
          title="The keys could not be read"
          error={keys.error}
          onRetry={() => void keys.refetch()}
        />
      ) : !keys.data ? (
        <Skeleton height={90} radius="md" role="status" aria-label="Loading the keys" />
      ) : keys.data.length === 0 ? (
        <p className={classes.dim}>No key yet.</p>
      ) : (
        <ul className={classes.rows}>
          {keys.data.map((key) => (
            <li key={key.id} className={classes.row} data-over={isOver(key) || undefined}>
              <div className={classes.what}>
                <strong>{key.name}</strong> <code className={classes.prefix}>{key.prefix}…</code>
                <span className={classes.dim}>
                  {key.role.toLowerCase()} · {scopeWords(key.datasets)}
                  {limitWords(key)} · made by {key.createdBy}
                </span>
              </div>
              <span className={classes.when}>{stateWords(key)}</span>
              {!isOver(key) && (
                <ConfirmButton
                  label="Revoke"
                  name={`Revoke ${key.name}`}
                  question={`Programs that use “${key.name}” are refused from now on. This cannot be undone.`}
                  loading={revoke.isPending && revoke.variables === key.id}
                  onConfirm={() => revoke.mutate(key.id)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const isOver = ({ revokedAt, expiresAt }: KeyRow): boolean =>
  Boolean(revokedAt) || (Boolean(expiresAt) && new Date(expiresAt ?? 0).getTime() < Date.now());

function stateWords({ revokedAt, expiresAt, lastUsedAt }: KeyRow): string {
  if (revokedAt) return `revoked ${formatDate(revokedAt)}`;
  if (expiresAt && new Date(expiresAt).getTime() < Date.now()) return `ended ${formatDate(expiresAt)}`;
  const used = lastUsedAt ? `used ${formatDateTime(lastUsedAt)}` : 'never used';
  return expiresAt ? `${used} · ends ${formatDate(expiresAt)}` : used;
}

function limitWords({ requestsPerMinute, encoderSecondsPerMinute }: KeyRow): string {
  const requests = requestsPerMinute ? ` · ${requestsPerMinute} requests a minute` : '';
  return encoderSecondsPerMinute
    ? `${requests} · ${encoderSecondsPerMinute} s of the encoder a minute`
    : requests;
}
