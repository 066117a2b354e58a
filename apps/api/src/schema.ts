import type { GraphQLSchema } from 'graphql';
import { modules } from './modules/index.js';
import { defineJobKindEnum } from './modules/job/schema.js';
import { builder } from './platform/graphql/builder.js';
import { printSorted } from './platform/graphql/graphql-routes.js';
import './platform/graphql/error-types.js';

// The modules have added their fields while they were loaded; which kinds of jobs there are is known now.
defineJobKindEnum(modules.flatMap(({ jobs = [] }) => jobs));

/** All of GraphQL. */
export const schema: GraphQLSchema = builder.toSchema();

/** The schema as it is committed in apps/api/schema.graphql. */
export const printedSchema = (): string => printSorted(schema);
