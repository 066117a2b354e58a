import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createServer, type RunningServer, type ServerOptions } from '../create-server.js';
import type { Settings } from '../platform/config/settings.js';
import { MIGRATIONS_FOLDER } from '../platform/database/migrations.js';
import { createTestEncoder } from './test-encoder.js';

/** A native PostgreSQL to run the same tests on, or undefined for the embedded one. */
export const TEST_DATABASE_URL = process.env.FREESTYLE_TEST_DATABASE_URL;

export const NO_SETTINGS: Settings = {
  databaseUrl: undefined,
  adminToken: undefined,
  trustLoopback: false,
  logLevel: 'error',
};

export interface TestServer extends RunningServer {
  /** A folder of this test's own; its `data` is the server's. */
  readonly folder: string;
  /** The native database made for it, or undefined where it is embedded. */
  readonly databaseUrl: string | undefined;
  /** Sends an operation as a program on this machine would. */
  query<T = Record<string, unknown>>(
    text: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ): Promise<{ data: T | null; errors?: GraphqlFailure[] }>;
  /** Closes the server and deletes everything that it kept. */
  dispose(): Promise<void>;
}

export interface GraphqlFailure {
  readonly message: string;
  readonly path?: (string | number)[];
  readonly extensions: { readonly code: string; readonly traceId?: string; readonly issues?: unknown };
}

/** A folder that vanishes with the test. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'freestyle-test-'));

/** A server with a database of its own: real PostgreSQL, real HTTP, and an encoder made for tests. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const folder = await temporaryFolder();
  const database = options.databaseUrl === undefined ? await createTestDatabase() : null;
  const dataDir = options.dataDir ?? join(folder, 'data');
  const databaseUrl = options.databaseUrl ?? database?.url;
  if (databaseUrl === undefined && !existsSync(dataDir)) await copyTemplate(dataDir);
  const server = await createServer({
    model: createTestEncoder(),
    port: 0,
    settings: NO_SETTINGS,
    ...options,
    dataDir,
    databaseUrl,
  });
  await server.modelReady;
  return {
    ...server,
    folder,
    databaseUrl,
    query: (text, variables, headers) => sendQuery(server.url, text, variables, headers),
    async dispose() {
      await server.close();
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Closes a server and starts it again on the same data. Disposing of the new one deletes what both kept. */
export async function restartTestServer(
  before: TestServer,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  await before.close();
  const next = await startTestServer({
    ...options,
    dataDir: join(before.folder, 'data'),
    databaseUrl: before.databaseUrl,
  });
  return {
    ...next,
    folder: before.folder,
    async dispose() {
      await next.dispose();
      await before.dispose();
    },
  };
}

/** Sends one operation over HTTP. */
export async function sendQuery<T>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<{ data: T | null; errors?: GraphqlFailure[] }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as { data: T | null; errors?: GraphqlFailure[] };
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of its own on the native server, or null where tests run embedded. */
export async function createTestDatabase(): Promise<TestDatabase | null> {
  if (!TEST_DATABASE_URL) return null;
  const name = `freestyle_test_${randomUUID().replaceAll('-', '')}`;
  await administer(TEST_DATABASE_URL, `CREATE DATABASE ${name}`);
  const url = new URL(TEST_DATABASE_URL);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administer(TEST_DATABASE_URL, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(connectionString: string | undefined, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

let template: Promise<string> | undefined;

/** Making a database takes seconds, copying one does not: one is made for each state of the migrations. */
export async function copyTemplate(dataDir: string): Promise<void> {
  template ??= findTemplate();
  await cp(await template, dataDir, { recursive: true });
}

async function findTemplate(): Promise<string> {
  const migrations = await readdir(MIGRATIONS_FOLDER, { recursive: true });
  const texts = migrations.sort().map((name) => {
    const path = join(MIGRATIONS_FOLDER, name);
    return name.endsWith('.sql') ? readFileSync(path, 'utf8') : name;
  });
  const state = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `freestyle-test-template-${state}`);
  if (existsSync(folder)) return folder;
  const fresh = await temporaryFolder();
  const model = createTestEncoder();
  const server = await createServer({ dataDir: fresh, model, port: 0, settings: NO_SETTINGS });
  await server.close();
  // Whoever is first publishes it; to the others it makes no difference.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }));
  return folder;
}
