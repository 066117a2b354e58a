/** What a caller may do; each role may do all that the ones before it may. */
export const ROLES = ['VIEWER', 'CURATOR', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** How somebody is known: on this very machine, by the admin token, by having signed in, by an API key. */
export const CALLER_KINDS = ['LOCAL', 'TOKEN', 'PERSON', 'KEY'] as const;
export type CallerKind = (typeof CALLER_KINDS)[number];

/** What a key may use in a minute; null for as much as there is. */
export interface RateLimits {
  readonly requestsPerMinute: number | null;
  readonly encoderSecondsPerMinute: number | null;
}

export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly kind?: CallerKind;
  /** Row of the key or the person. */
  readonly id?: string | null;
  /** Rows of the datasets that the caller may see; null or absent for all. */
  readonly datasets?: readonly string[] | null;
  /** Row of the browser's session. */
  readonly sessionId?: string | null;
  readonly limits?: RateLimits | null;
}

/** Whether the caller has `role` or a higher one; nobody has none. */
export const hasRole = (caller: Caller | null, role: Role): boolean =>
  caller !== null && ROLES.indexOf(caller.role) >= ROLES.indexOf(role);

/** Whether the caller may see a dataset. What belongs to none is for those who may see all. */
export const maySee = (caller: Caller | null, datasetId: string | null | undefined): boolean => {
  if (caller === null) return false;
  const { datasets } = caller;
  return !datasets || (typeof datasetId === 'string' && datasets.includes(datasetId));
};
