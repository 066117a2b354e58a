import { decodeGlobalID } from '@pothos/plugin-relay';

/** The row behind a global id of one type, where an id comes as plain text: in addresses, in unions of inputs.
 *  @returns null for an id of another type, and for text that is none */
export function rowIdOf(type: string, globalId: unknown): string | null {
  if (typeof globalId !== 'string') return null;
  try {
    const { typename, id } = decodeGlobalID(globalId);
    return typename === type ? id : null;
  } catch {
    return null;
  }
}
