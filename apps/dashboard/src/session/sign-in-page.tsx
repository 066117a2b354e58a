'use client';

import { Anchor, PasswordInput, TextInput } from '@mantine/core';
import { useDocumentTitle, useMounted } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '../api/errors';
import { type Credentials, type SignInWay, signIn } from '../api/session';
import { FocusableButton } from '../ui/focusable-button';
import { DoorPage } from './door-page';
import classes from './session.module.css';

type SignInPageProps = { ways: readonly SignInWay[]; expired: boolean };

/** The way in: by address and password, or by the server's token, as the server offers it. */
export function SignInPage({ ways, expired }: SignInPageProps) {
  useDocumentTitle('Sign in · Freestyle');
  const [chosen, setChosen] = useState<SignInWay | null>(null);
  const way = chosen ?? ways[0] ?? 'TOKEN';
  const other = ways.find((one) => one !== way);
  return (
    <DoorPage title="Sign in">
      {expired && (
        <p className={classes.note} role="status">
          You were signed out: the session is over or was ended. Nothing was lost; sign in and you are back
          where you were.
        </p>
      )}
      {way === 'PASSWORD' ? <PasswordForm /> : <TokenForm />}
      {other && (
        <p className={classes.other}>
          <Anchor component="button" type="button" size="sm" onClick={() => setChosen(other)}>
            {other === 'TOKEN' ? 'Use the server’s token instead' : 'Use address and password instead'}
          </Anchor>
        </p>
      )}
      <UnencryptedNote />
    </DoorPage>
  );
}

function useEntry() {
  const queryClient = useQueryClient();
  // What was answered before somebody came in was a refusal.
  return useMutation({
    mutationFn: (credentials: Credentials) => signIn(credentials),
    onSuccess: () => queryClient.resetQueries(),
  });
}

function PasswordForm() {
  const entry = useEntry();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (email.trim() !== '' && password !== '') entry.mutate({ email: email.trim(), password });
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label="E-mail"
        type="email"
        name="email"
        size="md"
        autoComplete="username"
        autoFocus
        required
        withAsterisk={false}
        value={email}
        onChange={({ currentTarget }) => {
          setEmail(currentTarget.value);
          entry.reset();
        }}
      />
      <PasswordInput
        label="Password"
        name="password"
        size="md"
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        onChange={({ currentTarget }) => {
          setPassword(currentTarget.value);
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
  );
}

function TokenForm() {
  const entry = useEntry();
  const [token, setToken] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') entry.mutate({ token: token.trim() });
  };
  return (
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
  );
}

function UnencryptedNote() {
  const mounted = useMounted();
  if (!mounted || window.isSecureContext) return null;
  return (
    <p className={classes.warning}>
      This connection is not encrypted: whoever sits in between can read what you type. On networks that you
      do not trust, put HTTPS in front of Freestyle.
    </p>
  );
}
