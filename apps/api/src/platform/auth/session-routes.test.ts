import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import express from 'express';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../config/settings.js';
import { answerError } from '../http/answer-error.js';
import { closeHttp, listen } from '../http/listen.js';
import { createCallerOf } from './caller-of.js';
import { sameOriginOnly } from './same-origin.js';
import { createSessionRoutes, MAX_ATTEMPTS } from './session-routes.js';

const TOKEN = 'a-token-of-the-tests';
/** What makes a request one from another machine. */
const ELSEWHERE = { host: 'photos.example' };
const json = { 'content-type': 'application/json' };
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let http: Server;
let url: string;

/** The doors of the server and nothing behind them. */
async function start(adminToken: string | undefined, environment: NodeJS.ProcessEnv = {}): Promise<void> {
  const log = pino({ level: 'silent' });
  const callerOf = createCallerOf(readSettings({ FREESTYLE_ADMIN_TOKEN: adminToken, ...environment }));
  const app = express();
  app.use(sameOriginOnly, createSessionRoutes({ adminToken, log, callerOf }));
  app.get('/who', (request, response) => {
    response.json(callerOf(request));
  });
  app.use(answerError(log));
  http = createServer(app);
  ({ url } = await listen(http, '127.0.0.1', 0));
}
afterEach(() => closeHttp(http));

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...ELSEWHERE, ...headers } };
    const request = httpRequest(url + path, options, (response) => {
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
const cookieOf = ({ headers }: Answer) => headers['set-cookie']?.[0] ?? '';
const kept = (answer: Answer) => ({ cookie: cookieOf(answer).split(';')[0] ?? '' });
const access = async (headers: Record<string, string> = {}) =>
  JSON.parse((await send('GET', '/session', headers)).text) as unknown;
const accessHere = (headers: Record<string, string> = {}) => access({ host: new URL(url).host, ...headers });

describe('a server with a token', () => {
  beforeEach(() => start(TOKEN));

  it('lets a browser in that has sent the token once, until it signs out', async () => {
    expect(await access()).toEqual({ access: 'TOKEN', canSignOut: false });
    const answer = await signIn(TOKEN);
    expect(answer.status).toBe(204);
    const cookie = kept(answer);
    expect(await access(cookie)).toEqual({ access: 'GRANTED', canSignOut: true });
    const { text } = await send('GET', '/who', cookie);
    expect(JSON.parse(text)).toEqual({ name: 'admin token', role: 'ADMIN' });
    const out = await send('DELETE', '/session', cookie);
    expect(out.status).toBe(204);
    expect(cookieOf(out)).toMatch(/^freestyle_session=;.*Expires=Thu, 01 Jan 1970/);
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

  it('hears nobody who has sent too many wrong ones, with the right one either', async () => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) expect((await signIn('wrong')).status).toBe(401);
    const answer = await signIn(TOKEN, { 'x-forwarded-for': '203.0.113.77' });
    expect(answer.status).toBe(429);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
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
    await closeHttp(http);
    await start('another-token-of-the-tests');
    expect(await access(cookie)).toEqual({ access: 'TOKEN', canSignOut: false });
  });

  it('asks on this very machine too: behind a proxy that forwards no headers everybody seems to be on it', async () => {
    expect(await accessHere()).toEqual({ access: 'TOKEN', canSignOut: false });
    const cookie = kept(await signIn(TOKEN, { host: new URL(url).host }));
    expect(await accessHere(cookie)).toEqual({ access: 'GRANTED', canSignOut: true });
  });

  it('asks nobody on this very machine where loopback is said to be trusted, but still everybody else', async () => {
    await closeHttp(http);
    await start(TOKEN, { FREESTYLE_TRUST_LOOPBACK: '1' });
    expect(await accessHere()).toEqual({ access: 'GRANTED', canSignOut: false });
    expect(await accessHere({ 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ access: 'TOKEN' });
    expect(await access()).toMatchObject({ access: 'TOKEN' });
  });
});

it('a server without a token asks nobody on this very machine', async () => {
  await start(undefined);
  expect(await accessHere()).toEqual({ access: 'GRANTED', canSignOut: false });
});

it('a server without a token stays closed to other machines and says so', async () => {
  await start(undefined);
  expect(await access()).toEqual({ access: 'CLOSED', canSignOut: false });
  const answer = await signIn('');
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.text)).toMatchObject({
    message: expect.stringContaining('FREESTYLE_ADMIN_TOKEN'),
  });
});
