import { reach, readJson } from './client';
import { ApiError } from './errors';

export type Session = {
  /** `TOKEN`: the server's token opens it. `CLOSED`: it has none, and lets no other machine in. */
  access: 'GRANTED' | 'TOKEN' | 'CLOSED';
  /** This browser has signed in with the token. */
  canSignOut: boolean;
};

/** What this browser may do here. @throws {ApiError} */
export async function readSession(signal?: AbortSignal): Promise<Session> {
  const response = await reach('/session', { signal });
  if (!response.ok) throw await refusal(response);
  return readJson<Session>(response);
}

/** Sends the token once; from then on a cookie speaks for this browser. @throws {ApiError} that says why not. */
export async function signIn(token: string): Promise<void> {
  const response = await reach('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
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
