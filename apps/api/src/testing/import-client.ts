import type { Job } from '../platform/jobs/job-repository.js';
import type { TestServer } from './test-server.js';

const START = `mutation ($input: ImportInput!) { startImport(input: $input) {
  __typename ... on StartImportSuccess { job { id } dataset { id name } }
  ... on Error { code message } } }`;

const LEDGER = `query ($id: ID!) { job(id: $id) { state message total done rejected duplicates failed rejectsUrl
  states { value count }
  rejects(first: 100) { edges { node { path state code reason } } }
  dataset { id imageCount indexedCount queryCount } } }`;

export interface Reject {
  path: string;
  state: string;
  code: string;
  reason: string;
}

export interface FinishedImport {
  readonly jobId: string;
  readonly datasetId: string;
  readonly state: Job['state'];
  readonly message: string | null;
  readonly total: number | null;
  readonly done: number;
  readonly rejectsUrl: string;
  /** Ledger entries by state. */
  readonly states: Readonly<Record<string, number>>;
  readonly rejects: readonly Reject[];
  /** Codes of what was not taken, by path. */
  readonly codes: Readonly<Record<string, string>>;
  readonly dataset: {
    readonly imageCount: number;
    readonly indexedCount: number;
    readonly queryCount: number;
  };
}

interface LedgerAnswer {
  job: Omit<FinishedImport, 'states' | 'rejects' | 'codes' | 'jobId' | 'datasetId'> & {
    states: { value: string; count: number }[];
    rejects: { edges: { node: Reject }[] };
    dataset: { id: string; imageCount: number; indexedCount: number; queryCount: number };
  };
}

/** Starts an import and gives what the API answers. */
export async function startImport(server: TestServer, input: unknown) {
  const { data, errors } = await server.query<{
    startImport: { __typename: string; code?: string; message?: string; job?: { id: string } };
  }>(START, { input });
  if (!data) throw new Error(JSON.stringify(errors));
  return data.startImport;
}

/** Imports from a source, waits for the end and reads the ledger, as a client would. */
export async function importFrom(
  server: TestServer,
  source: unknown,
  more: Record<string, unknown> = {},
): Promise<FinishedImport> {
  const started = await startImport(server, { source, ...more });
  if (started.job === undefined) throw new Error(JSON.stringify(started));
  const [, rowId = ''] = Buffer.from(started.job.id, 'base64').toString('utf8').split(':');
  for await (const _job of server.services.jobs.watch(rowId));
  return readLedger(server, started.job.id);
}

/** The ledger of a finished import. */
export async function readLedger(server: TestServer, jobId: string): Promise<FinishedImport> {
  const { data, errors } = await server.query<LedgerAnswer>(LEDGER, { id: jobId });
  if (!data) throw new Error(JSON.stringify(errors));
  const { states, rejects: connection, ...job } = data.job;
  const rejects = connection.edges.map(({ node }) => node);
  return {
    ...job,
    jobId,
    datasetId: job.dataset.id,
    states: Object.fromEntries(states.map(({ value, count }) => [value, count])),
    rejects,
    codes: Object.fromEntries(rejects.map(({ path, code }) => [path, code])),
  };
}
