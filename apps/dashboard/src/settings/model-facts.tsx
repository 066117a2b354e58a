'use client';

import { Badge, Skeleton, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { request } from '../api/client';
import { AboutDocument, type Role } from '../generated/graphql';
import { styleLabel } from '../search/part-look';
import { SignOutButton } from '../session/sign-out-button';
import { CopyButton } from '../ui/copy-button';
import { ErrorPanel } from '../ui/error-panel';
import classes from './settings.module.css';

const ROLE_RIGHTS: Record<Role, string> = {
  VIEWER: 'Viewer: may search and look',
  CURATOR: 'Curator: may also import and cancel',
  ADMIN: 'Admin: may do everything',
};

/** Who is asking, and the model that answers: its name, where it runs, the hashes that identify it. */
export function ModelFacts() {
  const { data, error, refetch } = useQuery({
    queryKey: ['about'],
    queryFn: ({ signal }) => request(AboutDocument, {}, signal),
  });
  if (error)
    return <ErrorPanel title="The settings could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={260} radius="md" role="status" aria-label="Loading the settings" />;
  const { viewer, model } = data;
  return (
    <>
      <section className={classes.section}>
        <h2 className={classes.heading}>You</h2>
        <dl className={classes.list}>
          <dt>Name</dt>
          <dd>{viewer.name}</dd>
          <dt>Role</dt>
          <dd>{ROLE_RIGHTS[viewer.role]}</dd>
        </dl>
        <SignOutButton />
      </section>
      <section className={classes.section}>
        <h2 className={classes.heading}>Model in use</h2>
        <dl className={classes.list}>
          <dt>Name</dt>
          <dd>{model.name}</dd>
          <dt>Runs on</dt>
          <dd>{model.provider}</dd>
          <dt>Dimensions</dt>
          <dd>{model.dimensions}</dd>
          <dt>Styles it knows</dt>
          <dd className={classes.styles}>
            {model.styles.map((style) => (
              <Badge key={style} variant="default" size="sm" tt="none" fw={500}>
                {styleLabel(style)}
              </Badge>
            ))}
          </dd>
          <dt>Embedding space</dt>
          <Hash value={model.spaceHash} what="the embedding space’s hash" />
          <dt>Query encoder</dt>
          <Hash value={model.queryHash} what="the query encoder’s hash" />
        </dl>
      </section>
    </>
  );
}

const SHOWN_HASH_CHARACTERS = 16;

function Hash({ value, what }: { value: string; what: string }) {
  return (
    <dd>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.hash} onClick={copy} title={value} aria-label={`Copy ${what}`}>
            {copied ? 'copied' : `${value.slice(0, SHOWN_HASH_CHARACTERS)}…`}
          </UnstyledButton>
        )}
      </CopyButton>
    </dd>
  );
}
