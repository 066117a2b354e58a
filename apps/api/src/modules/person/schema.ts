import type { CALLER_KINDS, Caller, ROLES } from '../../platform/auth/caller.js';
import { UnauthenticatedError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';

const authScopes = { role: 'VIEWER' } as const;

export const RoleEnum = builder.enumType('Role', {
  description: 'What somebody may do; each may do what those before it may.',
  values: {
    VIEWER: { description: 'Search and look.' },
    CURATOR: { description: 'Import, change, train and judge as well.' },
    ADMIN: { description: 'Everything: keys, people, folders of the server, what is erased for good.' },
  } satisfies Record<(typeof ROLES)[number], object>,
});

const CallerKindEnum = builder.enumType('CallerKind', {
  description: 'How somebody is known.',
  values: {
    LOCAL: { description: 'On the very machine of the server, where nobody is set up.' },
    TOKEN: { description: 'By the admin token.' },
    PERSON: { description: 'By having signed in.' },
    KEY: { description: 'By an API key.' },
  } satisfies Record<(typeof CALLER_KINDS)[number], object>,
});

const ViewerRef = builder.objectRef<Caller>('Viewer').implement({
  authScopes,
  description: 'Who is asking.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As the audit log calls them.' }),
    role: t.field({ type: RoleEnum, description: 'What they may do.', resolve: ({ role }) => role }),
    kind: t.field({
      type: CallerKindEnum,
      description: 'How they are known.',
      resolve: ({ kind }) => kind ?? 'LOCAL',
    }),
    seesAllDatasets: t.boolean({
      description: 'False where only some datasets are shown to them.',
      resolve: ({ datasets }) => !datasets,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerRef,
    datasets: 'NONE',
    authScopes,
    description: 'Who is asking.',
    resolve: (_root, _args, { caller }) => {
      if (caller === null) throw new UnauthenticatedError();
      return caller;
    },
  }),
);
