import type { IncomingMessage } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { type RequestHandler, Router } from 'express';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { CallerOf } from '../auth/caller-of.js';
import { TooLargeError, UnauthenticatedError } from '../errors.js';
import { type JsonLimits, jsonBody } from '../http/json-body.js';
import type { Context } from './context.js';
import { createGraphqlStream } from './graphql-stream.js';

export interface GraphqlRoutesParts {
  readonly graphql: ApolloServer<Context>;
  readonly schema: GraphQLSchema;
  readonly callerOf: CallerOf;
  /** Lets an operation in, or tells when to come again. */
  readonly admit: RequestHandler;
  /** What resolvers get, for a request that is named so in the logs. */
  contextOf(request: IncomingMessage, traceId: string): Context;
}

/** Room for a base64 picture; others are uploaded beside GraphQL. A search of 16 raw vectors has 16,000 values. */
export const BODY_LIMITS: JsonLimits = {
  maxBytes: 8 * 1024 * 1024,
  maxDepth: 32,
  maxValues: 100_000,
  maxMembers: 1000,
  maxElements: 5000,
};
/** Characters of an operation: the dashboard's longest has 3,000. */
const MAX_QUERY_LENGTH = 20_000;

/** A schema as text, sorted by name: what does not change is printed in the same place. */
export const printSorted = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;

/** GraphQL over HTTP: operations with POST, subscriptions under `/stream`, and a page for people. */
export function createGraphqlRoutes({
  graphql,
  schema,
  callerOf,
  admit,
  contextOf,
}: GraphqlRoutesParts): Router {
  const router = Router();
  router.use(pageForPeople(schema, callerOf), knownOnly(callerOf), admit, jsonBody(BODY_LIMITS), limitQuery);
  const stream = createGraphqlStream(schema, contextOf);
  router.post('/stream', stream);
  // The same stream for clients that ask for it by what they accept; what asks for either is answered at once.
  router.post('/', (request, response, next) => {
    const accepted = request.accepts(['json', 'application/graphql-response+json', 'text/event-stream']);
    if (accepted === 'text/event-stream') stream(request, response, next);
    else next();
  });
  router.use(
    expressMiddleware(graphql, {
      context: async ({ req, res }) => contextOf(req, String(res.locals.traceId)),
    }),
  );
  return router;
}

/** Nothing is read of what a stranger sends. */
const knownOnly =
  (callerOf: CallerOf): RequestHandler =>
  (request, _response, next) =>
    next(callerOf(request) === null ? new UnauthenticatedError() : undefined);

const limitQuery: RequestHandler = (request, _response, next) => {
  const text: unknown = (request.body as { query?: unknown } | undefined)?.query ?? request.query.query;
  const tooLong = typeof text === 'string' && text.length > MAX_QUERY_LENGTH;
  next(tooLong ? new TooLargeError(`An operation may have ${MAX_QUERY_LENGTH} characters.`) : undefined);
};

/** What somebody sees who opens the address in a browser; strangers may not read the schema here either. */
const pageForPeople =
  (schema: GraphQLSchema, callerOf: CallerOf): RequestHandler =>
  (request, response, next) => {
    const person =
      request.method === 'GET' &&
      request.query.query === undefined &&
      request.accepts(['json', 'html']) === 'html';
    if (!person) {
      next();
      return;
    }
    const shown =
      callerOf(request) === null
        ? 'Sign in there to read the schema here.</p>'
        : `This is the schema:</p><pre>${escaped(printSorted(schema))}</pre>`;
    response
      .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .type('html')
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>Freestyle GraphQL</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}</style>
<h1>Freestyle GraphQL</h1><p>Send operations here with POST and <code>content-type: application/json</code>.
The <a href="/">dashboard</a> is next door. ${shown}</html>`,
      );
  };

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
