/** Every code that an answer may carry, with the HTTP status where it is the answer of a request. Codes are never renamed. */
export const ERROR_CODES = {
  BAD_USER_INPUT: { status: 400, meaning: 'An argument cannot be meant; `issues` names its path.' },
  BAD_REQUEST: {
    status: 400,
    meaning: 'The request cannot be read: its JSON, its headers, or its protocol.',
  },
  GRAPHQL_PARSE_FAILED: { status: 400, meaning: 'The document is not GraphQL, or has too many words.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, meaning: 'The document does not fit the schema.' },
  OPERATION_RESOLUTION_FAILURE: { status: 400, meaning: 'The document holds no operation of that name.' },
  QUERY_TOO_COMPLEX: { status: 400, meaning: 'The operation costs more than one may; nothing of it ran.' },
  CURSOR_INVALID: { status: 400, meaning: 'The cursor is not one that this server gave out.' },
  CURSOR_OF_ANOTHER_QUERY: { status: 400, meaning: 'The cursor belongs to another search.' },
  CURSOR_OF_ANOTHER_SPACE: {
    status: 400,
    meaning: 'The cursor is of an embedding space that does not answer any more.',
  },
  UNAUTHENTICATED: { status: 401, meaning: 'The server does not know who asks.' },
  FORBIDDEN: {
    status: 403,
    meaning: 'The role of who asks does not allow it, or the page is of another site.',
  },
  NOT_FOUND: { status: 404, meaning: 'There is no such thing.' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'The request took too long to arrive.' },
  CONFLICT: { status: 409, meaning: 'What is asked for does not go with the state of things.' },
  TOO_LARGE: { status: 413, meaning: 'A request or a picture is larger than it may be.' },
  EMPTY_FILE: { status: 422, meaning: 'A picture that was sent has no bytes.' },
  FILE_UNREADABLE: { status: 422, meaning: 'A file of the server cannot be read.' },
  NOT_AN_IMAGE: { status: 422, meaning: 'The bytes are no picture.' },
  UNSUPPORTED_FORMAT: { status: 422, meaning: 'The picture is of a kind that is not read.' },
  TRUNCATED: { status: 422, meaning: 'The picture ends before its end.' },
  CORRUPT: { status: 422, meaning: 'The picture is damaged.' },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    meaning: 'Too many wrong credentials of one kind came from the address; `Retry-After` says how long.',
  },
  RATE_LIMITED: {
    status: 429,
    meaning:
      'The key has used up its requests or its encoder time of the minute; `Retry-After` says how long.',
  },
  INTERNAL_SERVER_ERROR: { status: 500, meaning: 'A fault of the server; `traceId` finds it in the log.' },
  OVERLOADED: {
    status: 503,
    meaning: 'More is asked for than the server can do now; `Retry-After` says when to try again.',
  },
  UNAVAILABLE: {
    status: 503,
    meaning: 'Something that the answer needs is not ready; trying again may help.',
  },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
