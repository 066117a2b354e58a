import type { TypedDocumentString } from '../generated/graphql';
import { ApiError, unreachable } from './errors';

type GraphqlErrorShape = { message: string; extensions?: { code?: string; traceId?: string } };
type GraphqlAnswer<Result> = { data?: Result | null; errors?: GraphqlErrorShape[] };

/**
 * Sends one generated operation to the API on the same origin.
 * @throws {ApiError} with the API's code and trace id; `AbortError` is passed on untouched.
 */
export async function request<Result, Variables>(
  operation: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const response = await reach('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
    },
    body: JSON.stringify({ query: operation.toString(), variables }),
    signal,
  });
  const answer = await readJson<GraphqlAnswer<Result>>(response);
  const error = answer.errors?.[0];
  if (error) throw graphqlError(error, response.status);
  if (!answer.data) throw new ApiError(`The server answered ${response.status} without data.`, 'NO_DATA');
  return answer.data;
}

export type Upload = { uploadId: string; width: number; height: number };

/**
 * Stores a query picture and gives the id that a search names it by.
 * @throws {ApiError} when the server refuses the picture (too large, not a picture).
 */
export async function uploadPicture(picture: Blob, signal?: AbortSignal): Promise<Upload> {
  const response = await reach('/uploads', {
    method: 'POST',
    headers: { 'content-type': picture.type || 'application/octet-stream' },
    body: picture,
    signal,
  });
  const answer = await readJson<Upload & { code?: string; message?: string; traceId?: string }>(response);
  if (!response.ok) {
    const message = answer.message ?? `The server refused the picture (${response.status}).`;
    throw new ApiError(message, answer.code ?? `HTTP_${response.status}`, answer.traceId);
  }
  return answer;
}

/** The address of an uploaded query picture. */
export const uploadUrl = (uploadId: string) => `/uploads/${encodeURIComponent(uploadId)}`;
/** The upload in a form that every browser can draw, whatever its own is. */
export const uploadThumbnailUrl = (uploadId: string) => `${uploadUrl(uploadId)}/thumbnail`;

/** Fetches from the server. @throws {ApiError} `UNREACHABLE`; `AbortError` is passed on untouched. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable(cause);
  }
}

/** An answer's body. @throws {ApiError} if it is not JSON. */
export async function readJson<Body>(response: Response): Promise<Body> {
  try {
    return (await response.json()) as Body;
  } catch {
    throw new ApiError(
      `The server answered ${response.status} with something that is not JSON.`,
      `HTTP_${response.status}`,
      undefined,
      response.status >= 500,
    );
  }
}

function graphqlError(error: GraphqlErrorShape, status: number): ApiError {
  const code = error.extensions?.code ?? 'GRAPHQL_ERROR';
  const retryable = status === 429 || status === 503 || code === 'UNAVAILABLE';
  return new ApiError(error.message, code, error.extensions?.traceId, retryable);
}
