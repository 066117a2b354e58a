import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { PothosValidationError } from '@pothos/core';
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql';
import { ApiError, isLater, UnauthenticatedError, ValidationError } from '../errors.js';
import { measureOperations } from '../telemetry/measure-operations.js';
import { checkVariables } from './check-variables.js';
import type { Context } from './context.js';
import { costPlugin } from './cost-plugin.js';
import { cutErrors, cutMessage, MAX_ERRORS } from './cut-errors.js';

/** Most words and signs of one operation; the largest of the dashboard's has about 300. */
export const MAX_TOKENS = 2000;

/** Apollo over the schema: no reporting to anybody, no landing page from elsewhere, stable error codes. */
export function createGraphqlServer(schema: GraphQLSchema): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError,
    // Its own logger would say the same again.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      measureOperations,
      refusals(schema),
      costPlugin(schema),
      logUnexpected,
      // After all that add to an answer: what is cut stays cut.
      cutAnswers,
    ],
  });
}

/** What is refused before any of it runs. Who may do nothing may not read the schema either. */
const refusals = (schema: GraphQLSchema): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    return {
      async didResolveOperation({ contextValue, operation, request }) {
        if (contextValue.caller === null) throw toGraphqlError(new UnauthenticatedError());
        if (operation?.operation === 'subscription') {
          throw new GraphQLError(
            'A subscription is answered as a stream: send it by POST with "accept: text/event-stream".',
            { extensions: { code: 'BAD_REQUEST', http: { status: 406 } } },
          );
        }
        const [first, ...others] = operation
          ? checkVariables(schema, operation, request.variables ?? {})
          : [];
        // One can be thrown; it tells the others.
        if (first !== undefined) throw withOthers(first, others);
      },
    };
  },
});

function withOthers(first: GraphQLError, others: readonly GraphQLError[]): GraphQLError {
  const message = [first, ...others].map((error) => error.message).join(' ');
  return new GraphQLError(cutMessage(message), { extensions: first.extensions });
}

const cutAnswers: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async willSendResponse({ response }) {
        if (response.body.kind !== 'single') return;
        const { singleResult } = response.body;
        if (!singleResult.errors) return;
        singleResult.errors = cutErrors(singleResult.errors);
        const later = singleResult.errors.find(
          ({ extensions }) => extensions?.retryAfterSeconds !== undefined,
        );
        if (later === undefined) return;
        response.http.headers.set('retry-after', String(later.extensions?.retryAfterSeconds));
        // Where nothing else was answered, the whole request is told so.
        if (Object.values(singleResult.data ?? {}).every((value) => value === null)) {
          response.http.status = later.extensions?.code === 'OVERLOADED' ? 503 : 429;
        }
      },
    };
  },
};

const logUnexpected: ApolloServerPlugin<Context> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue, operationName }) {
        const { log, traceId } = contextValue;
        for (const error of errors) {
          if (isExpected(error)) continue;
          error.extensions.traceId = traceId;
          const cause = unwrapResolverError(error);
          log.error(
            { err: cause, traceId, operationName, path: error.path },
            'unexpected error in a resolver',
          );
        }
      },
    };
  },
};

/** Logs what nobody expected and marks it with the trace id that the client is told. */
export function logErrors(errors: readonly GraphQLError[], { log, traceId }: Context): void {
  for (const error of errors) {
    if (isExpected(error)) continue;
    error.extensions.traceId = traceId;
    log.error(
      { err: unwrapResolverError(error), traceId, path: error.path },
      'unexpected error in a resolver',
    );
  }
}

/** Whether the client may see the error as it is. */
function isExpected(error: GraphQLError): boolean {
  const cause = unwrapResolverError(error);
  if (cause instanceof ApiError || cause instanceof PothosValidationError) return true;
  // Without an original error it is GraphQL's own: syntax, validation, variables.
  return cause instanceof GraphQLError && typeof cause.extensions.code === 'string'
    ? cause.extensions.code !== 'INTERNAL_SERVER_ERROR'
    : error.originalError === undefined && error.extensions.code !== undefined;
}

/** What a client sees of an error. One that nobody expected is masked; its trace id was set when it was logged. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const shown = shownError(formatted, error);
  return { ...shown, message: cutMessage(shown.message) };
}

function shownError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  const { locations, path } = formatted;
  const place = { ...(locations && { locations }), ...(path && { path }) };
  if (cause instanceof ApiError) return { ...place, message: cause.message, extensions: extensionsOf(cause) };
  if (cause instanceof PothosValidationError) {
    return { ...place, message: plainMessage(cause.message), extensions: { code: 'BAD_USER_INPUT' } };
  }
  const code = formatted.extensions?.code;
  if (typeof code === 'string' && code !== 'INTERNAL_SERVER_ERROR') {
    return { ...place, message: formatted.message, extensions: { code } };
  }
  const traceId = formatted.extensions?.traceId ?? 'unknown';
  return {
    ...place,
    message: `Something went wrong on our side. The log has it under ${String(traceId)}.`,
    extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
  };
}

/** An id that was cut short in an address, say, is told in words. */
const plainMessage = (message: string): string =>
  message.replace(/^Invalid global ID: (.*)$/s, (_all, id: string) => {
    const shown = id.length > 80 ? `${id.slice(0, 80)}…` : id;
    return `"${shown}" is not an id that this server gives out: expected one from its own answers, unchanged.`;
  });

const extensionsOf = (error: ApiError): Record<string, unknown> => ({
  code: error.code,
  ...(error instanceof ValidationError &&
    error.issues.length > 0 && { issues: error.issues.slice(0, MAX_ERRORS) }),
  ...(isLater(error) && { retryAfterSeconds: error.retryAfterSeconds }),
});

export const toGraphqlError = (error: ApiError): GraphQLError =>
  new GraphQLError(error.message, {
    extensions: { ...extensionsOf(error), http: { status: error.status } },
    originalError: error,
  });
