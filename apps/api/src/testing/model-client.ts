import type { TestServer } from './test-server.js';

export const globalId = (type: string, id: string): string => Buffer.from(`${type}:${id}`).toString('base64');

/** Sends an operation that must be answered whole. */
export async function asked<T>(
  server: Pick<TestServer, 'query'>,
  text: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  const { data, errors } = await server.query<T>(text, variables);
  if (errors || data === null) throw new Error(JSON.stringify(errors));
  return data;
}

export interface EndedJob {
  readonly state: string;
  readonly message: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: Record<string, string> | null;
}

/** How a job ended, by its global id. */
export async function endOf(server: Pick<TestServer, 'query'>, jobId: string | undefined): Promise<EndedJob> {
  for (;;) {
    const { job } = await asked<{ job: EndedJob }>(
      server,
      'query ($id: ID!) { job(id: $id) { state message error { code message } result } }',
      { id: jobId },
    );
    if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
}

export interface Refusable {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly job?: { readonly id: string };
}

/** Runs a mutation with one argument and gives what it answers. */
export async function mutate(
  server: Pick<TestServer, 'query'>,
  call: string,
  selection: string,
): Promise<Refusable & Record<string, unknown>> {
  const data = await asked<Record<string, Refusable & Record<string, unknown>>>(
    server,
    `mutation { answer: ${call} { __typename ... on Error { code message } ${selection} } }`,
  );
  if (data.answer === undefined) throw new Error(`${call}: no answer`);
  return data.answer;
}
