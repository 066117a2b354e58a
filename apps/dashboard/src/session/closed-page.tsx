'use client';

import { Button } from '@mantine/core';
import { useDocumentTitle, useMounted } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { DoorPage } from './door-page';
import classes from './session.module.css';
import { SESSION_KEY } from './session-query';

/** What another machine sees while no token is set: how the one who runs the server opens it. */
export function ClosedPage() {
  useDocumentTitle('Closed · Freestyle');
  const queryClient = useQueryClient();
  const mounted = useMounted();
  const port = mounted && window.location.port ? `:${window.location.port}` : '';
  return (
    <DoorPage title="Closed to other machines">
      <p>
        Nobody may sign in yet, so this server lets nobody in from another machine. To open it, on the machine
        that runs Freestyle:
      </p>
      <ol className={classes.steps}>
        <li>
          Name the first administrator, with a password of 12 characters or more:
          <code>
            FREESTYLE_ADMIN_EMAIL=you@example.org FREESTYLE_ADMIN_PASSWORD=… npm start -- --host 0.0.0.0
          </code>
        </li>
        <li>
          Or choose a token of 16 characters or more:
          <code>FREESTYLE_ADMIN_TOKEN=… npm start -- --host 0.0.0.0</code>
        </li>
        <li>Come back here and sign in.</li>
      </ol>
      <p>
        Until then that machine itself gets in without one:{' '}
        <span className={classes.nowrap}>http://127.0.0.1{port}</span>
      </p>
      <Button variant="default" onClick={() => void queryClient.invalidateQueries({ queryKey: SESSION_KEY })}>
        Look again
      </Button>
    </DoorPage>
  );
}
