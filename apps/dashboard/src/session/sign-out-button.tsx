'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { asApiError } from '../api/errors';
import { signOut } from '../api/session';
import { FocusableButton } from '../ui/focusable-button';
import { sessionQuery } from './session-query';

/** Ends the session of this browser; not there for those who need none. */
export function SignOutButton() {
  const { data } = useQuery(sessionQuery());
  const leaving = useMutation({ mutationFn: leave });
  if (!data?.canSignOut) return null;
  return (
    <>
      <FocusableButton
        size="xs"
        variant="default"
        loading={leaving.isPending}
        onClick={() => leaving.mutate()}
      >
        Sign out
      </FocusableButton>
      {leaving.error && <span role="alert">{asApiError(leaving.error).message}</span>}
    </>
  );
}

/** Signs out and forgets all that this page has read. */
export async function leave(): Promise<void> {
  await signOut();
  window.location.assign('/');
}
