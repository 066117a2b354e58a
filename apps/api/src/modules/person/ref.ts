import type { Person, SessionWithPerson } from '../../platform/auth/auth-repository.js';
import { builder } from '../../platform/graphql/builder.js';

export const PersonRef = builder.objectRef<Person>('Person');
export const SessionRef = builder.objectRef<SessionWithPerson>('Session');
