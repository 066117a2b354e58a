import type { TestServer } from '../../testing/test-server.js';

export type Answer = { __typename: string; message?: string } & Record<string, unknown>;

/** Sends one mutation with an `input`. @param fields what of its success is wanted. */
export async function mutate(
  server: TestServer,
  name: string,
  inputType: string,
  input: Record<string, unknown>,
  fields: string,
): Promise<Answer> {
  const success = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const types: Record<string, string> = {
    SaveStyleDraft: 'SaveStyleDraftSuccess',
    BuildStyleSpace: 'BuildStyleSpaceSuccess',
    DeleteStyleSpace: 'DeleteStyleSpaceSuccess',
    DiscardStyleDraft: 'DiscardStyleDraftSuccess',
    ChooseStyleSpace: 'StyleSpaceSuccess',
  };
  const { data, errors } = await server.query<Record<string, Answer>>(
    `mutation ($input: ${inputType}!) { ${name}(input: $input) { __typename
      ... on ${types[success] ?? 'StyleDraftSuccess'} { ${fields} } ... on Error { message } } }`,
    { input },
  );
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  const answer = data?.[name];
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

/** Asks for fields of a node. */
export async function node<T>(server: TestServer, id: string, type: string, fields: string): Promise<T> {
  const { data, errors } = await server.query<{ node: T }>(
    `query ($id: ID!) { node(id: $id) { ... on ${type} { ${fields} } } }`,
    { id },
  );
  if (errors !== undefined || data === null) throw new Error(JSON.stringify(errors));
  return data.node;
}

/** Waits until a job has ended. */
export async function ended(
  server: TestServer,
  jobId: string,
): Promise<{ state: string; message: string | null }> {
  for (;;) {
    const job = await node<{ state: string; message: string | null }>(server, jobId, 'Job', 'state message');
    if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
}
