/** What a caller may do; each role may do all that the ones before it may. */
export const ROLES = ['VIEWER', 'CURATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

export interface Caller {
  readonly name: string;
  readonly role: Role;
}

/** Whether the caller has `role` or a higher one; nobody has none. */
export const hasRole = (caller: Caller | null, role: Role): boolean =>
  caller !== null && ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
