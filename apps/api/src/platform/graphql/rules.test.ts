import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  graphql,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  subscribe,
} from 'graphql';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema.js';
import { ROLES, type Role } from '../auth/caller.js';
import { ForbiddenError, UnauthenticatedError } from '../errors.js';
import type { Services } from '../services.js';
import type { Context } from './context.js';
import { PUBLIC_TYPES } from './error-types.js';
import type { Loaders } from './loaders.js';

interface WithRule {
  readonly extensions: { readonly pothosOptions?: { readonly authScopes?: unknown } };
}
const hasRule = ({ extensions }: WithRule): boolean => extensions.pothosOptions?.authScopes !== undefined;

const types = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
);
const isRoot = (type: GraphQLObjectType) =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(type);

describe('an authorisation rule', () => {
  it('stands on every field: on itself, or on its type', () => {
    const open = types
      .filter((type) => !PUBLIC_TYPES.has(type.name))
      .flatMap((type) =>
        Object.values(type.getFields())
          // A root type has no rule of its own: each of its fields says who may.
          .filter(
            (field) =>
              !hasRule(field as unknown as WithRule) &&
              (isRoot(type) || !hasRule(type as unknown as WithRule)),
          )
          .map((field) => `${type.name}.${field.name}`),
      );
    expect(open).toEqual([]);
  });

  it('is missing only where fields say why something was refused', () => {
    for (const name of PUBLIC_TYPES) {
      const type = schema.getType(name);
      if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`${name} is no type of fields`);
      const fields = Object.keys(type.getFields());
      expect(['code', 'message', 'issues'], name).toEqual(expect.arrayContaining(fields));
    }
  });
});

/** Fails the test if a resolver gets as far as asking for data. */
const untouchable = new Proxy(
  {},
  {
    get(_target, property) {
      throw new Error(`a refused caller reached ${String(property)}`);
    },
  },
);

const contextOf = (role: Role | null): Context => ({
  caller: role === null ? null : { name: 'somebody', role },
  services: untouchable as Services,
  loaders: untouchable as Loaders,
  traceId: 'test',
  log: pino({ level: 'silent' }),
});

/** Which row an id is of, told by the name of what takes it, or by the field: `datasetId`, `cancelJob(id:)`. */
function idFor(name: string, field: string): string {
  const told = `${name} ${name.replace(/ids?$/i, '') === '' ? field : ''}`.toLowerCase();
  const types = [
    'Person',
    'Session',
    'Dataset',
    'Image',
    'Job',
    'Change',
    'DatasetVersion',
    'UploadSession',
    'Evaluation',
    'Judgement',
    'StyleDraft',
  ];
  const words: Readonly<Record<string, string>> = {
    stylespace: 'StyleSpace',
    upload: 'UploadSession',
    version: 'DatasetVersion',
    backbone: 'RegisteredModel',
    model: 'RegisteredModel',
    space: 'EmbeddingSpace',
    training: 'TrainingRun',
  };
  const word = Object.keys(words).find((one) => told.includes(one));
  if (told.includes('apikey')) return `"${Buffer.from('ApiKey:x').toString('base64')}"`;
  const type = word ? words[word] : types.find((one) => told.includes(one.toLowerCase()));
  const byPlace = name === 'fromId' || name === 'toId' ? 'DatasetVersion' : 'Job';
  return `"${Buffer.from(`${type ?? byPlace}:x`).toString('base64')}"`;
}

const SCALARS: Readonly<Record<string, string>> = { Int: '1', Float: '1', Boolean: 'true', String: '"a"' };

/** The least that a type takes, as GraphQL text. */
function sampleOf(type: GraphQLInputType, name: string, field: string): string {
  if (isNonNullType(type)) return sampleOf(type.ofType, name, field);
  if (isListType(type)) return `[${sampleOf(type.ofType, name, field)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (type.name === 'ID') return idFor(name, field);
  // One of its fields is needed, but none of them is required.
  if (type.name === 'SearchQueryInput') return '{ all: [{ text: "a" }] }';
  if (!isInputObjectType(type)) return SCALARS[type.name] ?? '"2026-01-01T00:00:00Z"';
  const needed = Object.values(type.getFields()).filter(isRequiredInputField);
  return `{ ${needed.map((one) => `${one.name}: ${sampleOf(one.type, one.name, field)}`).join(', ')} }`;
}

/** An operation that asks for one root field, with made-up arguments of the right shape. */
function operationFor(kind: 'query' | 'mutation', field: GraphQLField<unknown, unknown>): string {
  const values = field.args
    .filter(isRequiredArgument)
    .map(({ name, type }) => `${name}: ${sampleOf(type, name, field.name)}`);
  const args = values.length === 0 ? '' : `(${values.join(', ')})`;
  const selection =
    'getFields' in getNamedType(field.type) || 'getTypes' in getNamedType(field.type) ? '{ __typename }' : '';
  return `${kind} { ${field.name}${args} ${selection} }`;
}

const rootFields = (['query', 'mutation'] as const).flatMap((kind) => {
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(root?.getFields() ?? {}).map(
    (field) => [`${kind} ${field.name}`, operationFor(kind, field)] as const,
  );
});

describe('a caller without a role', () => {
  it.each(rootFields)('is refused by %s before anything is looked up', async (_name, source) => {
    const { errors } = await graphql({ schema, source, contextValue: contextOf(null) });
    expect(errors?.[0]?.originalError, JSON.stringify(errors)).toBeInstanceOf(UnauthenticatedError);
  });
});

it('a caller without a role is refused by a subscription before its stream begins', async () => {
  const document = parse(
    `subscription { jobProgress(id: "${Buffer.from('Job:x').toString('base64')}") { id } }`,
  );
  const answer = await subscribe({ schema, document, contextValue: contextOf(null) });
  expect(answer).toMatchObject({ errors: [{ originalError: expect.any(UnauthenticatedError) }] });
});

const ROOTS = [
  ['query', schema.getQueryType()],
  ['mutation', schema.getMutationType()],
] as const;

/** Every root field with what it declares. */
const declared = ROOTS.flatMap(([kind, root]) =>
  Object.values(root?.getFields() ?? {}).map((field) => {
    const options = (field as unknown as { extensions: { pothosOptions?: Options } }).extensions
      .pothosOptions;
    return { kind, name: field.name, source: operationFor(kind, field), options };
  }),
);
interface Options {
  readonly authScopes?: { readonly role?: Role } | (() => unknown);
  readonly datasets?: string;
}

describe('who may do what, field by field', () => {
  const cases = declared.flatMap((field) =>
    ROLES.map((role) => [`${field.kind} ${field.name}`, role, field] as const),
  );
  it.each(cases)('%s as %s', async (_name, role, { kind, name, source, options }) => {
    const needed = typeof options?.authScopes === 'object' ? options.authScopes.role : 'CURATOR';
    expect(needed, 'a role, or a function of the arguments').toBeDefined();
    const allowed = ROLES.indexOf(role) >= ROLES.indexOf(needed ?? 'ADMIN');
    const { data, errors } = await graphql({ schema, source, contextValue: contextOf(role) });
    const refused =
      kind === 'mutation' || name === 'previewImport'
        ? JSON.stringify(data ?? {}).includes('"ForbiddenError"')
        : errors?.[0]?.originalError instanceof ForbiddenError;
    // Whoever is let in gets as far as asking for data, which the test does not have.
    expect(refused, JSON.stringify({ data, errors })).toBe(!allowed);
  });

  it('says of every root field what it has to do with datasets', () => {
    const silent = declared.filter(
      ({ options }) => !['OWN', 'NONE', 'ALL'].includes(options?.datasets ?? ''),
    );
    const hint =
      'add datasets: OWN (limited to the caller’s), NONE (says nothing of any) or ALL (refused to scoped keys)';
    expect(
      silent.map(({ kind, name }) => `${kind} ${name}`),
      hint,
    ).toEqual([]);
  });

  it.each(
    declared.filter(({ options }) => options?.datasets === 'ALL').map((one) => [one.name, one] as const),
  )(
    '%s is refused to who may see some datasets alone, whatever their role',
    async (_name, { source, kind }) => {
      const caller = { name: 'somebody', role: 'ADMIN' as const, datasets: ['x'] };
      const { data, errors } = await graphql({
        schema,
        source,
        contextValue: { ...contextOf('ADMIN'), caller },
      });
      if (kind === 'mutation') expect(Object.values(data ?? {})).toEqual([{ __typename: 'ForbiddenError' }]);
      else expect(errors?.[0]?.originalError).toBeInstanceOf(ForbiddenError);
    },
  );
});

it('a curator may not name folders of the server, because whoever may can read every picture on it', async () => {
  const source = 'mutation { importFolder(input: { path: "/" }) { __typename } }';
  const { data } = await graphql({ schema, source, contextValue: contextOf('CURATOR') });
  expect(data).toEqual({ importFolder: { __typename: 'ForbiddenError' } });
});

it.each(['mutation { startImport', 'query { previewImport'])('nor by another door: %s', async (operation) => {
  const source = `${operation}(input: { source: { path: "/" } }) { __typename } }`;
  const { data } = await graphql({ schema, source, contextValue: contextOf('CURATOR') });
  expect(Object.values(data ?? {})).toEqual([{ __typename: 'ForbiddenError' }]);
});
