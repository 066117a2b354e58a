import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type SchemaTypes as PothosTypes,
  type TypeParam,
} from '@pothos/core';
import { decodeGlobalID } from '@pothos/plugin-relay';
import type { GraphQLFieldResolver } from 'graphql';
import { noteOf } from '../auth/audit-log.js';
import { ApiError, ForbiddenError, NotFoundError } from '../errors.js';
import type { Context } from './context.js';

/** What a root field has to do with datasets, for callers who may see only some of them.
 *  - `OWN`: it shows and changes what belongs to datasets, and of those only the caller's: every id that comes in must
 *    be of one of them, and lists come from services that are narrowed to them.
 *  - `NONE`: it says nothing of any dataset.
 *  - `ALL`: it is about all datasets at once, and refused to such callers. */
export type DatasetRule = 'OWN' | 'NONE' | 'ALL';

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends PothosTypes> {
      freestyleAccess: AccessPlugin<Types>;
      freestyleAudit: AuditPlugin<Types>;
    }
    export interface FieldOptions<
      Types extends PothosTypes = PothosTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** Of root fields: what they have to do with datasets. One that does not say is refused as `ALL` is. */
      datasets?: DatasetRule;
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, Context, object>;

const ROOTS: readonly string[] = ['Query', 'Mutation', 'Subscription'];

/** Keeps callers who may see only some datasets to these. */
export class AccessPlugin<Types extends PothosTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (!ROOTS.includes(config.parentType) || config.kind === 'Subscription') return resolver;
    const guarded: Resolver = async (parent, args, context, info) => {
      await this.#check(config, args, context);
      return (resolver as Resolver)(parent, args, context, info);
    };
    return guarded as GraphQLFieldResolver<unknown, Types['Context'], object>;
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    if (subscribe === undefined || config.kind !== 'Subscription') return subscribe;
    const guarded: Resolver = async (parent, args, context, info) => {
      await this.#check(config, args, context);
      return (subscribe as Resolver)(parent, args, context, info);
    };
    return guarded as GraphQLFieldResolver<unknown, Types['Context'], object>;
  }

  async #check(config: PothosOutputFieldConfig<Types>, args: object, context: Context): Promise<void> {
    if (!context.caller?.datasets) return;
    const rule = (config.pothosOptions as { datasets?: DatasetRule }).datasets ?? 'ALL';
    if (rule === 'ALL') {
      throw new ForbiddenError('You may see some datasets alone, and this is about all of them.');
    }
    if (rule === 'NONE' || !takesIds(config.name)) return;
    const ids = [...idsIn(args)];
    const types = new Map<string, string[]>();
    for (const { typename, id } of ids) types.set(typename, [...(types.get(typename) ?? []), id]);
    for (const [typename, rows] of types) {
      const found = await this.#load(typename, rows, context);
      if (found === null) continue;
      // What somebody may not see is answered like what is not there.
      if (found.some((row) => row === null || row === undefined || row instanceof Error)) {
        throw new NotFoundError(`There is no such ${words(typename)}.`);
      }
    }
  }

  /** Rows as the type itself reads them, by what the caller may see; null for a type that has none of its own. */
  async #load(
    typename: string,
    ids: readonly string[],
    context: Context,
  ): Promise<readonly unknown[] | null> {
    try {
      const { pothosOptions } = this.builder.configStore.getTypeConfig(typename, 'Object');
      const { loadMany } = pothosOptions as {
        loadMany?: (ids: readonly string[], context: Context) => Promise<readonly unknown[]>;
      };
      return loadMany === undefined ? null : await loadMany(ids, context);
    } catch {
      return null;
    }
  }
}

/** These answer null by themselves for what is not there. */
const takesIds = (field: string): boolean => field !== 'node' && field !== 'nodes';

const words = (typename: string): string => typename.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();

/** Every id of a row in some arguments, read or as it came. */
function* idsIn(value: unknown, depth = 0): Generator<{ readonly typename: string; readonly id: string }> {
  if (depth > 8) return;
  if (typeof value === 'string') {
    const id = readId(value);
    if (id !== null) yield id;
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { typename, id } = value as { typename?: unknown; id?: unknown };
  if (typeof typename === 'string' && typeof id === 'string') {
    yield { typename, id };
    return;
  }
  for (const one of Array.isArray(value) ? value : Object.values(value)) yield* idsIn(one, depth + 1);
}

function readId(text: string): { readonly typename: string; readonly id: string } | null {
  if (text.length > 200 || !/^[A-Za-z0-9+/]+=*$/.test(text)) return null;
  try {
    const { typename, id } = decodeGlobalID(text);
    return /^[A-Z]\w{2,40}$/.test(typename) ? { typename, id } : null;
  } catch {
    return null;
  }
}

/** Writes every mutation to the audit log: before it is made, so that a crash leaves a trace, and how it ended. */
export class AuditPlugin<Types extends PothosTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (config.parentType !== 'Mutation') return resolver;
    const noted: Resolver = async (parent, args, context, info) => {
      const { audit, caller, address, traceId } = context;
      if (audit === undefined || caller === null) return (resolver as Resolver)(parent, args, context, info);
      const id = await audit.note({
        ...noteOf(caller),
        ...{ action: config.name, outcome: 'BEGUN', address, traceId },
        datasetId: datasetIn(args),
        detail: args as Record<string, unknown>,
      });
      try {
        const result: unknown = await (resolver as Resolver)(parent, args, context, info);
        await audit.conclude(id, 'DONE', null);
        return result;
      } catch (error) {
        const expected = error instanceof ApiError;
        await audit.conclude(
          id,
          expected ? 'REFUSED' : 'FAILED',
          expected ? error.code : 'INTERNAL_SERVER_ERROR',
        );
        throw error;
      }
    };
    return noted as GraphQLFieldResolver<unknown, Types['Context'], object>;
  }
}

function datasetIn(args: object): string | null {
  for (const { typename, id } of idsIn(args)) {
    if (typename === 'Dataset' && /^[0-9a-f-]{36}$/.test(id)) return id;
  }
  return null;
}

SchemaBuilder.registerPlugin('freestyleAccess', AccessPlugin);
SchemaBuilder.registerPlugin('freestyleAudit', AuditPlugin);
