/** Errors that one answer tells. */
export const MAX_ERRORS = 10;
/** Characters of an error's message: none quotes an input at length. */
export const MAX_MESSAGE = 500;

export const cutMessage = (message: string, most = MAX_MESSAGE): string =>
  message.length > most ? `${message.slice(0, most - 1)}…` : message;

/** The first errors, and how many there were. */
export function cutErrors<E extends object>(
  errors: readonly E[],
): readonly (E | { readonly message: string; readonly extensions: { readonly code: string } })[] {
  if (errors.length <= MAX_ERRORS) return errors;
  const code = (errors[0] as { extensions?: { code?: string } }).extensions?.code ?? 'BAD_REQUEST';
  const message = `… and ${errors.length - MAX_ERRORS} more errors.`;
  return [...errors.slice(0, MAX_ERRORS), { message, extensions: { code } }];
}
