import type { ApolloServerPlugin } from '@apollo/server';
import { complexityFromQuery } from '@pothos/plugin-complexity';
import type { GraphQLSchema } from 'graphql';
import { QUERY_LIMITS } from './builder.js';
import type { Context } from './context.js';

/** Tells what each operation costs under `extensions.cost`, and what it may. The same count refuses an operation before
 *  any of it runs. */
export const costPlugin = (schema: GraphQLSchema): ApolloServerPlugin<Context> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ document, request, response, contextValue }) {
        if (document === undefined || response.body.kind !== 'single') return;
        const cost = costOf(() =>
          complexityFromQuery(document, { schema, variables: request.variables ?? {}, ctx: contextValue }),
        );
        if (cost === null) return;
        const { singleResult } = response.body;
        singleResult.extensions = { ...singleResult.extensions, cost: { ...cost, limits: QUERY_LIMITS } };
      },
    };
  },
});

/** Null for a document that cannot be counted: its own errors say why. */
function costOf<T>(count: () => T): T | null {
  try {
    return count();
  } catch {
    return null;
  }
}
