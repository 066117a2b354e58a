import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { builder } from './platform/graphql/builder.js';
import './platform/graphql/error-types.js';
import './modules/build/schema.js';
import './modules/check/schema.js';
import './modules/change/schema.js';
import './modules/dataset/photos-schema.js';
import './modules/dataset/place-schema.js';
import './modules/dataset/schema.js';
import './modules/export/schema.js';
import './modules/photo/schema.js';
import './modules/import/schema.js';
import './modules/job/schema.js';
import './modules/limits/schema.js';
import './modules/ledger/schema.js';
import './modules/model/schema.js';
import './modules/query/schema.js';
import './modules/query-style/schema.js';
import './modules/search/schema.js';
import './modules/split/schema.js';
import './modules/version/schema.js';
import './modules/upload/schema.js';
import './modules/person/schema.js';

export const schema: GraphQLSchema = builder.toSchema();

/** The schema as it is committed in apps/api/schema.graphql. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
