import { reach, readJson } from './client';
import { ApiError } from './errors';

export type SignInWay = 'PASSWORD' | 'TOKEN';

export type Session = {
  /** `TOKEN`: one has to sign in. `CLOSED`: nobody may sign in yet, and no other machine is let in. */
  access: 'GRANTED' | 'TOKEN' | 'CLOSED';
  /** This browser has signed in. */
  canSignOut: boolean;
  /** How one may sign in here. */
  ways: SignInWay[];
  /** This browser was signed in, and is not any more. */
  expired: boolean;
};

/** What is sent to sign in. */
export type Credentials = { token: string } | { email: string; password: string };

/** What this browser may do here. @throws {ApiError} */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  const response = await reach('/session', { signal });
  if (!response.ok) throw await refusal(response);
  return readJson<Session>(response);
}

/** Sends what one signs in with, once; from then on a cookie speaks for this browser. @throws {ApiError} that says why not. */
export async function signIn(credentials: Credentials): Promise<void> {
  const response = await reach('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  if (!response.ok) throw await refusal(response);
}

/** Ends this browser's session. @throws {ApiError} */
export async function signOut(): Promise<void> {
  const response = await reach('/session', { method: 'DELETE' });
  if (!response.ok) throw await refusal(response);
}

async function refusal(response: Response): Promise<ApiError> {
  const { code, message } = await readJson<{ code: string; message: string }>(response);
  return new ApiError(message, code, undefined, response.status >= 500);
}
