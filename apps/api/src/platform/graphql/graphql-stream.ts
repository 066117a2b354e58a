import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import {
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import type { OperationArgs, Request } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/express';
import { UnauthenticatedError, UnavailableError } from '../errors.js';
import { checkVariables } from './check-variables.js';
import type { Context } from './context.js';
import { cutMessage, MAX_ERRORS } from './cut-errors.js';
import { formatError, logErrors, MAX_TOKENS, toGraphqlError } from './graphql-server.js';

type StreamContext = Context & Record<PropertyKey, unknown>;
type StreamRequest = Request<IncomingMessage, { res: { locals: { traceId?: unknown } } }>;

/** Streams open at a time; each asks the database a few times a second. */
const MAX_STREAMS = 100;

/** Subscriptions as server-sent events (the GraphQL over SSE protocol, one stream for each POST), behind the same
 *  guards as every other request. Queries and mutations are left to the other address. */
export function createGraphqlStream(
  schema: GraphQLSchema,
  contextOf: (request: IncomingMessage, traceId: string) => Context,
): RequestHandler {
  let open = 0;
  const contextFor = ({ raw, context }: StreamRequest): StreamContext => ({
    ...contextOf(raw, String(context.res.locals.traceId)),
  });
  const handler = createHandler<StreamContext>({
    schema,
    // No tokens: each stream stands for itself.
    authenticate: () => null,
    context: contextFor,
    onSubscribe: (request: StreamRequest, params) => {
      const context = contextFor(request);
      if (context.caller === null) return refusal(toGraphqlError(new UnauthenticatedError()));
      return prepare(schema, context, params);
    },
    onNext: (context, _request, result) => {
      if (!result.errors) return undefined;
      logErrors(result.errors, context);
      return { ...result, errors: result.errors.map(masked) };
    },
  });
  return (request, response, next) => {
    if (open >= MAX_STREAMS) {
      next(new UnavailableError('Too many streams are open; try again later.'));
      return;
    }
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    handler(request, response).catch(next);
  };
}

function prepare(
  schema: GraphQLSchema,
  contextValue: StreamContext,
  params: {
    query: string;
    operationName?: string | null | undefined;
    variables?: Record<string, unknown> | null | undefined;
  },
): OperationArgs<StreamContext> | ReturnType<typeof refusal> {
  try {
    const document = parse(params.query, { maxTokens: MAX_TOKENS });
    const errors = validate(schema, document);
    if (errors.length > 0)
      return refusal(
        ...errors.slice(0, MAX_ERRORS).map((error) => coded('GRAPHQL_VALIDATION_FAILED', error)),
      );
    if (getOperationAST(document, params.operationName)?.operation !== 'subscription') {
      return refusal(
        coded(
          'BAD_REQUEST',
          new GraphQLError('Only subscriptions are streamed; send other operations to /graphql.'),
        ),
      );
    }
    const operation = getOperationAST(document, params.operationName);
    const wrong = operation ? checkVariables(schema, operation, params.variables ?? {}) : [];
    if (wrong.length > 0) return refusal(...wrong.map((error) => coded('BAD_USER_INPUT', error)));
    const { operationName, variables: variableValues } = params;
    return {
      schema,
      document,
      contextValue,
      operationName: operationName ?? null,
      variableValues: variableValues ?? null,
    };
  } catch (error) {
    if (error instanceof GraphQLError) return refusal(coded('GRAPHQL_PARSE_FAILED', error));
    throw error;
  }
}

function coded(code: string, error: GraphQLError): GraphQLError {
  const { path } = error;
  return new GraphQLError(cutMessage(error.message), { ...(path && { path }), extensions: { code } });
}

// With `data`, because that is what tells a result from the arguments of an operation.
const refusal = (...errors: readonly GraphQLError[]) => ({ data: null, errors });

function masked(error: GraphQLError): GraphQLError {
  const { message, extensions }: GraphQLFormattedError = formatError(error.toJSON(), error);
  return new GraphQLError(message, { path: error.path, extensions: extensions ?? null });
}
