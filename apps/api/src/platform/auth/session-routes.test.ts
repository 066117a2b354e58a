import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NO_SETTINGS,
  restartTestServer,
  startTestServer,
  type TestServer,
} from '../../testing/test-server.js';
import type { Settings } from '../config/settings.js';
import { MAX_ATTEMPTS } from './attempts.js';

const TOKEN = 'a-token-of-the-tests';
const EMAIL = 'ada@example.org';
const PASSWORD = 'correct horse battery';
/** What makes a request one from another machine. */
const ELSEWHERE = { host: 'photos.example' };
const json = { 'content-type': 'application/json' };
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let server: TestServer;
const quiet = (settings: Partial<Settings>): Settings => ({
  ...NO_SETTINGS,
  logLevel: 'silent',
  ...settings,
});
const start = async (settings: Partial<Settings>): Promise<void> => {
  server = await startTestServer({ settings: quiet(settings) });
};
const again = async (settings: Partial<Settings>): Promise<void> => {
  server = await restartTestServer(server, { settings: quiet(settings) });
};
afterEach(() => server.dispose());

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...ELSEWHERE, ...headers } };
    const request = httpRequest(server.url + path, options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

const signIn = (token: string, headers: Record<string, string> = {}) =>
  send('POST', '/session', { ...json, ...headers }, JSON.stringify({ token }));
const signInAs = (email: string, password: string, headers: Record<string, string> = {}) =>
  send('POST', '/session', { ...json, ...headers }, JSON.stringify({ email, password }));
const cookieOf = ({ headers }: Answer) => headers['set-cookie']?.[0] ?? '';
const kept = (answer: Answer) => ({ cookie: cookieOf(answer).split(';')[0] ?? '' });
const access = async (headers: Record<string, string> = {}) =>
  JSON.parse((await send('GET', '/session', headers)).text) as unknown;
const accessHere = (headers: Record<string, string> = {}) =>
  access({ host: new URL(server.url).host, ...headers });
const ask = async (query: string, headers: Record<string, string>) =>
  JSON.parse((await send('POST', '/graphql', { ...json, ...headers }, JSON.stringify({ query }))).text) as {
    data?: Record<string, unknown>;
    errors?: { extensions: { code: string } }[];
  };
const who = async (headers: Record<string, string>) =>
  (await ask('{ viewer { name role } }', headers)).data?.viewer;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('a server with a token', () => {
  beforeEach(() => start({ adminToken: TOKEN }));

  it('lets a browser in that has sent the token once, until it signs out', async () => {
    expect(await access()).toMatchObject({ access: 'TOKEN', canSignOut: false });
    const answer = await signIn(TOKEN);
    expect(answer.status).toBe(204);
    const cookie = kept(answer);
    expect(await access(cookie)).toMatchObject({ access: 'GRANTED', canSignOut: true });
    expect(await who(cookie)).toEqual({ name: 'admin token', role: 'ADMIN' });
    const out = await send('DELETE', '/session', cookie);
    expect(out.status).toBe(204);
    expect(cookieOf(out)).toMatch(/^freestyle_session=;.*Expires=Thu, 01 Jan 1970/);
    // A copy that somebody took of the cookie is worth nothing either.
    expect(await who(cookie)).toBeUndefined();
    expect(await access(cookie)).toMatchObject({ access: 'TOKEN', expired: true });
  });

  it('keeps the token out of the cookie, and the cookie from scripts and other sites', async () => {
    const cookie = cookieOf(await signIn(TOKEN));
    expect(cookie).not.toContain(TOKEN);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).not.toMatch(/; Secure/);
    expect(cookieOf(await signIn(TOKEN, { 'x-forwarded-proto': 'https' }))).toMatch(/; Secure/);
  });

  it('refuses a wrong token and leaves no cookie', async () => {
    const answer = await signIn('a-token-of-the-test');
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(cookieOf(answer)).toBe('');
  });

  it.each([
    ['no body', ''],
    ['no token', '{}'],
    ['an empty one', '{"token":" "}'],
    ['a list', '{"token":["a"]}'],
  ])('refuses %s as a mistake of the caller', async (_name, body) => {
    expect((await send('POST', '/session', json, body)).status).toBe(400);
  });

  it('hears no more wrong ones from an address that sent too many, but the right one always', async () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) expect((await signIn('wrong')).status).toBe(401);
    const answer = await signIn('wrong', { 'x-forwarded-for': '203.0.113.77' });
    expect(answer.status).toBe(429);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signIn(TOKEN)).status).toBe(204);
  });

  it('counts wrong bearer tokens too, and says so', async () => {
    const statuses = [];
    for (let attempt = 0; attempt < MAX_ATTEMPTS + 2; attempt++) {
      statuses.push(
        (await send('POST', '/graphql', { ...json, ...bearer(`wrong-${attempt}`) }, '{}')).status,
      );
    }
    expect(statuses).toEqual([...Array.from({ length: MAX_ATTEMPTS }, () => 401), 429, 429]);
    expect(await who(bearer(TOKEN))).toEqual({ name: 'admin token', role: 'ADMIN' });
  });

  it('does not count those who come in', async () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS + 2; attempt++)
      expect((await signIn(TOKEN)).status).toBe(204);
  });

  it('a page of another site can neither sign a browser in nor out', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await signIn(TOKEN, foreign)).status).toBe(403);
    const cookie = kept(await signIn(TOKEN));
    expect((await send('DELETE', '/session', { ...cookie, ...foreign })).status).toBe(403);
  });

  it('takes no session that another token has sealed', async () => {
    const cookie = kept(await signIn(TOKEN));
    await again({ adminToken: 'another-token-of-the-tests' });
    expect(await access(cookie)).toMatchObject({ access: 'TOKEN', canSignOut: false });
  });

  it('asks on this very machine too: behind a proxy that forwards no headers everybody seems to be on it', async () => {
    expect(await accessHere()).toMatchObject({ access: 'TOKEN', canSignOut: false });
    const cookie = kept(await signIn(TOKEN, { host: new URL(server.url).host }));
    expect(await accessHere(cookie)).toMatchObject({ access: 'GRANTED', canSignOut: true });
  });

  it('asks nobody on this very machine where loopback is said to be trusted, but still everybody else', async () => {
    await again({ adminToken: TOKEN, trustLoopback: true });
    expect(await accessHere()).toMatchObject({ access: 'GRANTED', canSignOut: false });
    expect(await accessHere({ 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ access: 'TOKEN' });
    expect(await access()).toMatchObject({ access: 'TOKEN' });
  });
});

it('a server without a token asks nobody on this very machine', async () => {
  await start({});
  expect(await accessHere()).toMatchObject({ access: 'GRANTED', canSignOut: false });
});

it('a server without a token stays closed to other machines and says so', async () => {
  await start({});
  expect(await access()).toMatchObject({ access: 'CLOSED', canSignOut: false });
  const answer = await signIn('');
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.text)).toMatchObject({
    message: expect.stringContaining('FREESTYLE_ADMIN_TOKEN'),
  });
});

describe('behind a proxy that is trusted', () => {
  beforeEach(() => start({ adminToken: TOKEN, trustedProxies: ['127.0.0.0/8'] }));

  it('each caller is counted by the address that the proxy tells, and none that was made up', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': `198.51.100.1, ${address}` });
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) await signIn('wrong', from('203.0.113.7'));
    expect((await signIn('wrong', from('203.0.113.7'))).status).toBe(429);
    expect((await signIn('wrong', from('203.0.113.8'))).status).toBe(401);
  });
});

describe('a server with people', () => {
  beforeEach(() => start({ firstAdmin: { email: EMAIL, password: PASSWORD } }));

  it('has the first administrator that the settings name, who signs in by address and password', async () => {
    expect(await accessHere()).toMatchObject({ access: 'TOKEN', ways: ['PASSWORD'] });
    const cookie = kept(await signInAs('Ada@Example.org', PASSWORD));
    expect(await who(cookie)).toEqual({ name: EMAIL, role: 'ADMIN' });
  });

  it('says the same of a wrong password and of nobody, and locks an address out of one person alone', async () => {
    const wrong = await signInAs(EMAIL, 'wrong password of ada');
    const nobody = await signInAs('nobody@example.org', 'wrong password of ada');
    expect([wrong.status, wrong.text]).toEqual([nobody.status, nobody.text]);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) await signInAs('bob@example.org', 'wrong');
    await signInAs('bob@example.org', 'wrong');
    expect((await signInAs('bob@example.org', 'wrong')).status).toBe(429);
    expect((await signInAs(EMAIL, PASSWORD)).status).toBe(204);
  }, 60_000);

  it('lists sessions, and one that is ended lets nobody in', async () => {
    const [mine, other] = [kept(await signInAs(EMAIL, PASSWORD)), kept(await signInAs(EMAIL, PASSWORD))];
    const { data } = await ask('{ sessions { id isCurrent who address } }', mine);
    const sessions = data?.sessions as { id: string; isCurrent: boolean; who: string }[];
    expect(sessions.map(({ isCurrent }) => isCurrent).sort()).toEqual([false, true]);
    const id = sessions.find(({ isCurrent }) => !isCurrent)?.id;
    await ask(`mutation { endSession(id: "${id}") { __typename } }`, mine);
    expect(await who(other)).toBeUndefined();
    expect(await who(mine)).toMatchObject({ name: EMAIL });
  });

  it('ends the sessions of somebody who is disabled or gets another password, and keeps one administrator', async () => {
    const admin = kept(await signInAs(EMAIL, PASSWORD));
    const input = `{ email: "bob@example.org", name: "Bob", role: VIEWER, password: "${PASSWORD}" }`;
    const { data } = await ask(
      `mutation { createPerson(input: ${input}) { __typename ... on CreatePersonSuccess { person { id } } } }`,
      admin,
    );
    const { id } = (data?.createPerson as { person: { id: string } } | undefined)?.person ?? { id: '' };
    const bob = kept(await signInAs('bob@example.org', PASSWORD));
    expect(await who(bob)).toEqual({ name: 'bob@example.org', role: 'VIEWER' });
    expect((await ask('{ people { edges { cursor } } }', bob)).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
    await ask(`mutation { changePerson(id: "${id}", input: { disabled: true }) { __typename } }`, admin);
    expect(await who(bob)).toBeUndefined();
    expect((await signInAs('bob@example.org', PASSWORD)).status).toBe(401);
    const people = await ask('{ people { edges { node { id email } } } }', admin);
    const edges = (people.data?.people as { edges: { node: { id: string; email: string } }[] } | undefined)
      ?.edges;
    const own = edges?.find(({ node }) => node.email === EMAIL)?.node.id;
    const last = await ask(
      `mutation { changePerson(id: "${own}", input: { role: VIEWER }) { __typename ... on Error { code } } }`,
      admin,
    );
    expect(last.data?.changePerson).toMatchObject({ code: 'CONFLICT' });
  }, 60_000);

  it('notes in the audit log who came in and who did not, without any password', async () => {
    await signInAs(EMAIL, 'a wrong password');
    const admin = kept(await signInAs(EMAIL, PASSWORD));
    const { data } = await ask(
      '{ auditEntries { edges { node { who action outcome code address detail } } } }',
      admin,
    );
    const text = JSON.stringify(data);
    expect(text).not.toContain('wrong password');
    expect(text).not.toContain(PASSWORD);
    const entries = (
      data?.auditEntries as
        | { edges: { node: { action: string; outcome: string; who: string } }[] }
        | undefined
    )?.edges;
    expect(entries?.map(({ node }) => [node.action, node.outcome, node.who])).toEqual([
      ['SIGN_IN', 'DONE', EMAIL],
      ['SIGN_IN', 'REFUSED', 'a stranger'],
      ['FIRST_ADMIN', 'DONE', 'server'],
    ]);
  });
});

describe('a server that others can reach', () => {
  it('does not start while nobody may sign in, and says how', async () => {
    await start({});
    await expect(again({})).resolves.toBeUndefined();
    await server.close();
    await expect(startTestServer({ settings: quiet({}), host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'NOBODY_MAY_SIGN_IN',
      message: expect.stringMatching(/FREESTYLE_ADMIN_EMAIL.*FREESTYLE_ADMIN_TOKEN/),
    });
  });

  it('starts once somebody may', async () => {
    server = await startTestServer({ settings: quiet({ adminToken: TOKEN }), host: '0.0.0.0' });
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
  });
});
