import { type Caller, ROLES } from '../../platform/auth/caller.js';
import { UnauthenticatedError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';

const authScopes = { role: 'VIEWER' } as const;

const RoleEnum = builder.enumType('Role', { values: ROLES });

const ViewerRef = builder.objectRef<Caller>('Viewer').implement({
  authScopes,
  description: 'Who is asking.',
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.field({ type: RoleEnum, resolve: ({ role }) => role }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    authScopes,
    resolve: (_root, _args, { caller }) => {
      if (caller === null) throw new UnauthenticatedError();
      return caller;
    },
  }),
);
