import { encodeGlobalID } from '@pothos/plugin-relay';
import type { Person } from '../../platform/auth/auth-repository.js';
import type { Role } from '../../platform/auth/caller.js';
import { idsOf } from '../../platform/auth/identify.js';
import { BY_ID } from '../../platform/database/paging.js';
import {
  ConflictError,
  ForbiddenError,
  NotFoundError,
  UnauthenticatedError,
  ValidationError,
} from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { PersonRef, SessionRef } from './ref.js';
import { RoleEnum } from './schema.js';

const admin = { role: 'ADMIN' } as const;
const viewer = { role: 'VIEWER' } as const;
const types = [ValidationError, NotFoundError, ForbiddenError, ConflictError];

builder.node(PersonRef, {
  authScopes: admin,
  description: 'Somebody who signs in.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services, caller }) => {
    // Not by a guessed id either: who may see people is asked before a row is read.
    const found = caller?.role === 'ADMIN' && !caller.datasets ? await services.people.byIds(ids) : [];
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    email: t.exposeString('email', { description: 'What they sign in with.' }),
    name: t.exposeString('name', { description: 'What people call them.' }),
    role: t.field({ type: RoleEnum, description: 'What they may do.', resolve: ({ role }) => role as Role }),
    datasets: t.field({
      type: [DatasetRef],
      nullable: true,
      description: 'The datasets that they may see; null for all.',
      resolve: async ({ datasetIds }, _args, { loaders }) => {
        const ids = idsOf(datasetIds);
        if (ids === null) return null;
        return (await loaders.datasets.loadMany(ids)).filter((one) => one !== null);
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when they may sign in.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
    disabled: t.boolean({
      description: 'May not sign in now.',
      resolve: ({ disabledAt }) => disabledAt !== null,
    }),
  }),
});

builder.node(SessionRef, {
  authScopes: viewer,
  description: 'A browser that has signed in.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services, caller }) => {
    const found = caller === null ? [] : await services.people.sessions(caller);
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    who: t.string({
      description: 'The person, by address; “admin token” for one that the token opened.',
      resolve: ({ person }) => person?.email ?? 'admin token',
    }),
    address: t.exposeString('address', { description: 'Where it was opened from.' }),
    userAgent: t.exposeString('userAgent', { description: 'What the browser says of itself.' }),
    isCurrent: t.boolean({
      description: 'Whether it is the one that is asking.',
      resolve: ({ id }, _args, { caller }) => caller?.sessionId === id,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'To the minute.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends by itself.' }),
  }),
});

builder.queryFields((t) => ({
  people: t.connection(
    {
      type: PersonRef,
      datasets: 'ALL',
      authScopes: admin,
      description: 'Who may sign in, newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, args, { services }) =>
        keysetConnection(args, BY_ID, (page) => services.people.page(page)),
    },
    { name: 'PersonConnection' },
    { name: 'PersonEdge' },
  ),
  sessions: t.field({
    type: [SessionRef],
    datasets: 'NONE',
    authScopes: viewer,
    description:
      'Browsers that have signed in as you; of everybody for an administrator. The last used first, 200 at most.',
    resolve: (_root, _args, { services, caller }) =>
      caller === null ? [] : services.people.sessions(caller),
  }),
}));

const CreatePersonInput = builder.inputType('CreatePersonInput', {
  description: 'Somebody who shall sign in.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'What they sign in with.' }),
    name: t.string({ required: true, description: 'What people call them.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'What they may do.' }),
    password: t.string({ required: true, description: '12 to 200 characters.' }),
    datasetIds: t.globalIDList({
      for: DatasetRef,
      description: 'The datasets that they may see; all if left out.',
    }),
  }),
});

const ChangePersonInput = builder.inputType('ChangePersonInput', {
  description: 'What shall be changed; the rest stays.',
  fields: (t) => ({
    name: t.string({ description: 'What people call them.' }),
    role: t.field({ type: RoleEnum, description: 'What they may do.' }),
    datasetIds: t.globalIDList({
      for: DatasetRef,
      description: 'The datasets that they may see; null for all.',
    }),
    disabled: t.boolean({ description: 'True ends their sessions and lets them in no more.' }),
    password: t.string({ description: 'A new password; ends their sessions.' }),
  }),
});

const personSuccess = (name: string) =>
  builder.objectRef<{ person: Person }>(name).implement({
    authScopes: admin,
    fields: (t) => ({ person: t.field({ type: PersonRef, resolve: ({ person }) => person }) }),
  });

const ChangePasswordSuccess = builder.objectRef<{ changed: boolean }>('ChangePasswordSuccess').implement({
  authScopes: viewer,
  fields: (t) => ({ changed: t.exposeBoolean('changed') }),
});

const EndSessionSuccess = builder.objectRef<{ endedId: string }>('EndSessionSuccess').implement({
  authScopes: viewer,
  fields: (t) => ({ endedId: t.exposeID('endedId') }),
});

builder.mutationFields((t) => ({
  createPerson: t.field({
    type: personSuccess('CreatePersonSuccess'),
    datasets: 'ALL',
    authScopes: admin,
    description:
      'Lets somebody sign in. After the first administrator, this machine itself is asked to sign in too.',
    args: { input: t.arg({ type: CreatePersonInput, required: true }) },
    errors: { types, directResult: true, union: { name: 'CreatePersonResult' } },
    resolve: async (_root, { input }, { services }) => ({
      person: await services.people.create({
        ...input,
        datasetIds: input.datasetIds?.map(({ id }) => id) ?? null,
      }),
    }),
  }),
  changePerson: t.field({
    type: personSuccess('ChangePersonSuccess'),
    datasets: 'ALL',
    authScopes: admin,
    description: 'Changes what somebody may do or see, or ends that they may sign in.',
    args: {
      id: t.arg.globalID({ required: true, for: PersonRef }),
      input: t.arg({ type: ChangePersonInput, required: true }),
    },
    errors: { types, directResult: true, union: { name: 'ChangePersonResult' } },
    resolve: async (_root, { id, input: { datasetIds, ...rest } }, { services }) => ({
      person: await services.people.change(id.id, {
        ...rest,
        ...(datasetIds !== undefined && { datasetIds: datasetIds?.map((one) => one.id) ?? null }),
      }),
    }),
  }),
  changePassword: t.field({
    type: ChangePasswordSuccess,
    datasets: 'NONE',
    authScopes: viewer,
    description: 'Changes your own password, and ends your other sessions.',
    args: {
      current: t.arg.string({ required: true, description: 'The one that you have now.' }),
      next: t.arg.string({ required: true, description: '12 to 200 characters.' }),
    },
    errors: { types, directResult: true, union: { name: 'ChangePasswordResult' } },
    resolve: async (_root, { current, next }, { services, caller }) => {
      await services.people.changePassword(caller, current, next);
      return { changed: true };
    },
  }),
  endSession: t.field({
    type: EndSessionSuccess,
    datasets: 'NONE',
    authScopes: viewer,
    description:
      'Ends a session of yours; of anybody for an administrator. That browser has to sign in again.',
    args: { id: t.arg.globalID({ required: true, for: SessionRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError],
      directResult: true,
      union: { name: 'EndSessionResult' },
    },
    resolve: async (_root, { id }, { services, caller }) => {
      if (caller === null) throw new UnauthenticatedError();
      await services.people.endSession(caller, id.id);
      return { endedId: encodeGlobalID('Session', id.id) };
    },
  }),
}));
