'use client';

import { PasswordInput } from '@mantine/core';
import { useDocumentTitle, useMounted } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '../api/errors';
import { signIn } from '../api/session';
import { FocusableButton } from '../ui/focusable-button';
import { DoorPage } from './door-page';
import classes from './session.module.css';

/** The way in while a token is set: it is typed once. */
export function SignInPage() {
  useDocumentTitle('Sign in · Freestyle');
  const queryClient = useQueryClient();
  const [token, setToken] = useState('');
  // What was answered before somebody came in was a refusal.
  const entry = useMutation({ mutationFn: signIn, onSuccess: () => queryClient.resetQueries() });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') entry.mutate(token.trim());
  };
  return (
    <DoorPage title="Sign in">
      <form onSubmit={submit} className={classes.form}>
        {/* Password managers keep a token under a name. */}
        <input type="hidden" name="username" autoComplete="username" value="admin" readOnly />
        <PasswordInput
          label="Token"
          description="The FREESTYLE_ADMIN_TOKEN of the machine that runs Freestyle. It is sent once; this browser then stays signed in for 30 days."
          name="token"
          size="md"
          autoComplete="current-password"
          autoFocus
          required
          withAsterisk={false}
          value={token}
          onChange={({ currentTarget }) => {
            setToken(currentTarget.value);
            entry.reset();
          }}
          error={entry.error && asApiError(entry.error).message}
          aria-invalid={entry.isError}
          errorProps={{ role: 'alert' }}
          visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
        />
        <FocusableButton type="submit" size="md" loading={entry.isPending}>
          Sign in
        </FocusableButton>
      </form>
      <UnencryptedNote />
    </DoorPage>
  );
}

function UnencryptedNote() {
  const mounted = useMounted();
  if (!mounted || window.isSecureContext) return null;
  return (
    <p className={classes.warning}>
      This connection is not encrypted: whoever sits in between can read the token. On networks that you do
      not trust, put HTTPS in front of Freestyle.
    </p>
  );
}
