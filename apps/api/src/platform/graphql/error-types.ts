import {
  type ApiError,
  ConflictError,
  type FieldIssue,
  ForbiddenError,
  NotFoundError,
  ValidationError,
} from '../errors.js';
import { builder } from './builder.js';

const authScopes = { role: 'VIEWER' } as const;

const ErrorInterface = builder.interfaceRef<ApiError>('Error').implement({
  description: 'An expected failure of a mutation, as data.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable; made for programs.' }),
    message: t.exposeString('message', { description: 'Made for people.' }),
  }),
});

const FieldIssueType = builder.objectRef<FieldIssue>('FieldIssue').implement({
  authScopes,
  fields: (t) => ({
    path: t.stringList({ resolve: ({ path }) => [...path] }),
    message: t.exposeString('message'),
  }),
});

// Whoever is refused must still be able to read why: the error types carry no role of their own.
builder.objectType(ConflictError, { name: 'ConflictError', interfaces: [ErrorInterface] });
builder.objectType(ForbiddenError, { name: 'ForbiddenError', interfaces: [ErrorInterface] });
builder.objectType(NotFoundError, { name: 'NotFoundError', interfaces: [ErrorInterface] });
builder.objectType(ValidationError, {
  name: 'ValidationError',
  interfaces: [ErrorInterface],
  fields: (t) => ({ issues: t.field({ type: [FieldIssueType], resolve: ({ issues }) => [...issues] }) }),
});

/** Types whose fields anybody may read, because they only say why something was refused. */
export const PUBLIC_TYPES: ReadonlySet<string> = new Set([
  'Error',
  'ConflictError',
  'ForbiddenError',
  'NotFoundError',
  'ValidationError',
]);
