'use client';

import { Button, Select, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../api/client';
import { asApiError } from '../api/errors';
import { ChangePersonDocument, type ChangePersonInput, type Role } from '../generated/graphql';
import { ErrorPanel } from '../ui/error-panel';
import { formatDateTime } from '../ui/format';
import { ACCESS_KEY, peopleQuery, requireSuccess } from './access-queries';
import { ConfirmButton } from './confirm-button';
import { scopeWords } from './dataset-scope';
import { NewPerson } from './new-person';
import classes from './settings.module.css';

const ROLES = [
  { value: 'VIEWER', label: 'Viewer' },
  { value: 'CURATOR', label: 'Curator' },
  { value: 'ADMIN', label: 'Administrator' },
];

/** Who may sign in. */
export function PeoplePanel() {
  const queryClient = useQueryClient();
  const people = useQuery(peopleQuery());
  const change = useMutation({
    mutationFn: async (wanted: { id: string; input: ChangePersonInput }) =>
      requireSuccess((await request(ChangePersonDocument, wanted)).changePerson),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ACCESS_KEY }),
  });
  return (
    <section className={classes.section} aria-labelledby="people">
      <div className={classes.head}>
        <h2 className={classes.heading} id="people">
          People
        </h2>
        <NewPerson isFirst={people.data?.length === 0} />
      </div>
      {change.error && (
        <p role="alert" className={classes.bad}>
          {asApiError(change.error).message}
        </p>
      )}
      {people.error ? (
        <ErrorPanel
          title="The people could not be read"
          error={people.error}
          onRetry={() => void people.refetch()}
        />
      ) : !people.data ? (
        <Skeleton height={90} radius="md" role="status" aria-label="Loading the people" />
      ) : people.data.length === 0 ? (
        <p className={classes.dim}>
          Nobody signs in yet: whoever is on this machine does everything. After the first administrator this
          machine is asked to sign in too.
        </p>
      ) : (
        <ul className={classes.rows}>
          {people.data.map((person) => (
            <li key={person.id} className={classes.row} data-over={person.disabled || undefined}>
              <div className={classes.what}>
                <strong>{person.name}</strong> <span>{person.email}</span>
                <span className={classes.dim}>
                  {scopeWords(person.datasets)} ·{' '}
                  {person.lastSeenAt ? `seen ${formatDateTime(person.lastSeenAt)}` : 'never seen'}
                  {person.disabled && ' · may not sign in'}
                </span>
              </div>
              <Select
                aria-label={`Role of ${person.name}`}
                size="xs"
                w={140}
                data={ROLES}
                value={person.role}
                allowDeselect={false}
                onChange={(role) => role && change.mutate({ id: person.id, input: { role: role as Role } })}
              />
              {person.disabled ? (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Let ${person.name} in again`}
                  onClick={() => change.mutate({ id: person.id, input: { disabled: false } })}
                >
                  Let in again
                </Button>
              ) : (
                <ConfirmButton
                  label="Disable"
                  name={`Disable ${person.name}`}
                  question={`${person.name} is signed out everywhere and may not sign in until you let them in again.`}
                  onConfirm={() => change.mutate({ id: person.id, input: { disabled: true } })}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
