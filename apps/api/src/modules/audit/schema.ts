import type { AuditEntry, AuditOutcome } from '../../platform/auth/audit-log.js';
import { BY_ID } from '../../platform/database/paging.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';

const authScopes = { role: 'ADMIN' } as const;

const OutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'How something ended that somebody asked for.',
  values: {
    BEGUN: { description: 'Nothing was heard of its end: it is under way, or the server fell meanwhile.' },
    DONE: { description: 'It was done.' },
    REFUSED: { description: 'It was refused, for the reason that `code` names.' },
    FAILED: { description: 'A fault of the server.' },
  } satisfies Record<AuditOutcome, object>,
});

const AuditEntryRef = builder.objectRef<AuditEntry>('AuditEntry').implement({
  authScopes,
  description: 'Who did what, when, from where.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of the row; nothing is read by it.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was asked for.' }),
    who: t.exposeString('who', { description: 'A person by address, a key by name and beginning.' }),
    whoKind: t.exposeString('whoKind', {
      description: 'LOCAL, TOKEN, PERSON, KEY; SYSTEM for the server itself, STRANGER for a refused sign-in.',
    }),
    action: t.exposeString('action', { description: 'Name of the mutation, or of what happened beside.' }),
    outcome: t.field({
      type: OutcomeEnum,
      description: 'How it ended.',
      resolve: ({ outcome }) => outcome as AuditOutcome,
    }),
    code: t.exposeString('code', { nullable: true, description: 'Code of the refusal.' }),
    dataset: t.field({
      type: DatasetRef,
      nullable: true,
      description: 'The dataset that it was about, where it is still there.',
      resolve: ({ datasetId }, _args, { loaders }) =>
        datasetId === null ? null : loaders.datasets.load(datasetId),
    }),
    address: t.exposeString('address', { description: 'Where it came from.' }),
    traceId: t.exposeString('traceId', { nullable: true, description: 'Finds the request in the logs.' }),
    detail: t.expose('detail', {
      type: 'JSON',
      description: 'What was asked, without secrets, cut where it is long.',
    }),
  }),
});

builder.queryFields((t) => ({
  auditEntries: t.connection(
    {
      type: AuditEntryRef,
      datasets: 'ALL',
      authScopes,
      description: 'The audit log, newest first.',
      args: {
        who: t.arg.string({ description: 'Part of a name.' }),
        action: t.arg.string({ description: 'One of `auditActions`.' }),
        outcome: t.arg({ type: OutcomeEnum, description: 'Only what ended so.' }),
        datasetId: t.arg.globalID({
          required: false,
          for: DatasetRef,
          description: 'Only what was about it.',
        }),
        from: t.arg({ type: 'DateTime', description: 'Only from then on.' }),
        to: t.arg({ type: 'DateTime', description: 'Only before then.' }),
      },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (_root, { who, action, outcome, datasetId, from, to, ...args }, { services }) => {
        const filter = { who, action, outcome, datasetId: datasetId?.id, from, to };
        const page = await keysetConnection(args, BY_ID, (keys) => services.audit.page(filter, keys));
        return { ...page, filter };
      },
    },
    {
      name: 'AuditEntryConnection',
      fields: (c) => ({
        totalCount: c.int({
          description: 'Entries in all that meet the filter.',
          resolve: ({ filter }, _args, { services }) => services.audit.count(filter),
        }),
      }),
    },
    { name: 'AuditEntryEdge' },
  ),
  auditActions: t.stringList({
    datasets: 'ALL',
    authScopes,
    description: 'Everything that was ever done, by name.',
    resolve: (_root, _args, { services }) => services.audit.actions(),
  }),
}));
