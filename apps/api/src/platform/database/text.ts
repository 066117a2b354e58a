import { ValidationError } from '../errors.js';

/** Whether the database can hold a text: neither its text nor its JSON takes a zero character or half of a pair of
 *  surrogates. */
export const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);

/** @param path leads to the text in the caller's arguments. @throws {ValidationError} unless it can be stored */
export function checkStorable(text: string, path: readonly string[]): void {
  if (!isStorable(text)) throw ValidationError.at(path, 'expected text without zero or broken characters');
}

/** Whether text holds characters that no name or caption has. */
export const hasControls = (text: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) || !isStorable(text);
