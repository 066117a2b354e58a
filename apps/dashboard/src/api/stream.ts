import type { TypedDocumentString } from '../generated/graphql';
import { ApiError, unreachable } from './errors';

type Event = { event: string; data: string };
type Answer<Result> = {
  data?: Result | null;
  errors?: { message: string; extensions?: { code?: string } }[];
};

/**
 * Subscribes to one generated operation: GraphQL over server-sent events, one stream for each POST. Ends when the
 * server completes it.
 * @throws {ApiError} when the stream cannot be opened, breaks off, or carries an error; `AbortError` is passed on.
 */
export async function* subscribe<Result, Variables>(
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const response = await fetch('/graphql/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: operation.toString(), variables }),
    credentials: 'same-origin',
    signal,
  }).catch(rethrow);
  if (!response.ok || !response.body) {
    throw new ApiError(
      `The server answered ${response.status}.`,
      `HTTP_${response.status}`,
      undefined,
      response.status >= 500,
    );
  }
  for await (const { event, data } of eventsOf(response.body)) {
    if (event === 'complete') return;
    if (event !== 'next') continue;
    const answer = JSON.parse(data) as Answer<Result>;
    const error = answer.errors?.[0];
    if (error) throw new ApiError(error.message, error.extensions?.code ?? 'GRAPHQL_ERROR');
    if (answer.data) yield answer.data;
  }
  throw unreachable(new Error('The stream broke off.'));
}

function rethrow(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
  throw unreachable(cause);
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(rethrow);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      yield* blocks.map(parseEvent);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parseEvent(block: string): Event {
  const lines = block.split('\n');
  const field = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trimStart())
      .join('\n');
  return { event: field('event'), data: field('data') };
}
