import { expect, it } from 'vitest';
import { createSessions, SESSION_MS } from './session.js';

const sessions = createSessions('a token of sixteen');

it('a session holds until its end, in another process as well', () => {
  const session = sessions.issue(1000);
  expect(createSessions('a token of sixteen').isValid(session, 1000 + SESSION_MS - 1)).toBe(true);
  expect(sessions.isValid(session, 1000 + SESSION_MS)).toBe(false);
});

it('a new token ends every session of the old one', () => {
  expect(createSessions('another token, sixteen').isValid(sessions.issue())).toBe(false);
});

it('a session whose end, name or seal was changed is none', () => {
  const session = sessions.issue();
  const [ends = '', name = '', seal = ''] = session.split('.');
  const swapped = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  expect(sessions.isValid(session)).toBe(true);
  for (const forged of [
    `${Number(ends) + 1}.${name}.${seal}`,
    `${ends}.${swapped(name)}.${seal}`,
    `${ends}.${name}.${swapped(seal)}`,
    `${ends}.${name}`,
    `${session} `,
    '',
  ]) {
    expect(sessions.isValid(forged), forged).toBe(false);
  }
});

it('the token is not to be found in what the browser keeps', () => {
  expect(sessions.issue()).not.toContain('token');
  expect(sessions.issue()).not.toBe(sessions.issue());
});
