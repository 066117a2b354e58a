import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { cutMessage, MAX_ERRORS } from './cut-errors.js';

/** What is wrong with the variables of an operation, before it runs: few errors, each short. The library's own check
 *  writes the whole value out in each of its errors.
 *  @returns none where the values fit, and where one is missing, which the library tells well. */
export function checkVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  const errors: GraphQLError[] = [];
  for (const { variable, type: node } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const value = values[name];
    const type = typeFromAST(schema, node);
    if (value === undefined || value === null || type === undefined || !isInputType(type)) continue;
    try {
      coerceInputValue(value, type, (path, _value, error) => {
        const place = [`$${name}`, ...path].join('.');
        errors.push(
          new GraphQLError(cutMessage(`Variable "${cutMessage(place, 100)}": ${error.message}`), {
            nodes: node,
            extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
          }),
        );
        if (errors.length >= MAX_ERRORS) throw new EnoughErrors();
      });
    } catch (error) {
      if (error instanceof EnoughErrors) return errors;
      throw error;
    }
  }
  return errors;
}

class EnoughErrors extends Error {}
