import type { ApolloServerPlugin } from '@apollo/server';
import type { Context } from '../graphql/context.js';

/** Times operations by their first root field: names that clients make up are as many as they like. */
export const measureOperations: ApolloServerPlugin<Context> = {
  async requestDidStart({ contextValue }) {
    const started = performance.now();
    return {
      async willSendResponse({ operation, response }) {
        const first = operation?.selectionSet.selections[0];
        if (first?.kind !== 'Field' || response.body.kind !== 'single') return;
        const failed = (response.body.singleResult.errors?.length ?? 0) > 0;
        // A field that does not exist would be a name that a client made up.
        const known = response.body.singleResult.data !== undefined;
        if (known) contextValue.metrics?.operation(first.name.value, performance.now() - started, failed);
      },
    };
  },
};
