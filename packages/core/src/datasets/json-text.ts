import { parse } from 'lossless-json';
import { DatasetError } from './dataset-error.js';

/** An integer of 16 digits or more: a double may hold another one. */
const LONG_INTEGER = /(?:^|[\s:,[])-?\d{16,}(?=[\s,\]}]|$)/;

/** What becomes of an integer that a double cannot hold: its digits as text, or a `bigint`, so that long ids stay
 *  apart from each other, and from a text of the same digits. */
export type LongIntegers = 'text' | 'bigint';

/** Reads JSON text.
 *  @param name of the file, for messages.
 *  @throws {DatasetError} `BAD_JSON` with file, line, column and what is wrong there. */
export function parseJsonText(text: string, name: string, longIntegers: LongIntegers = 'text'): unknown {
  if (!LONG_INTEGER.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Read again below, by a parser that tells the place.
    }
  }
  try {
    return parse(text, null, (digits) => numberOf(digits, longIntegers));
  } catch (cause) {
    const { line, column, fault } = describe(text, cause);
    throw new DatasetError(
      'BAD_JSON',
      `${name}:${line}:${column}: not valid JSON: ${fault}`,
      { path: name, line, column },
      cause,
    );
  }
}

function numberOf(digits: string, longIntegers: LongIntegers): number | bigint | string {
  const value = Number(digits);
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(digits)) return value;
  return longIntegers === 'bigint' ? BigInt(digits) : digits;
}

function describe(text: string, cause: unknown): { line: number; column: number; fault: string } {
  const message = cause instanceof Error ? cause.message : String(cause);
  const told = /at position (\d+)/.exec(message)?.[1];
  if (told === undefined) return { line: 1, column: 1, fault: message };
  const position = Number(told);
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  return { line, column, fault: faultAt(text, position, message) };
}

/** What people's lists hold most often where JSON ends, in words. */
function faultAt(text: string, position: number, message: string): string {
  const rest = text.slice(position, position + 40);
  if (rest.trim() === '') return 'the text ends in the middle; the file was cut off';
  const word = /^\s*(-?(?:NaN|Infinity)|None|True|False|undefined)\b/.exec(
    text.slice(Math.max(0, position), position + 40),
  )?.[1];
  if (word !== undefined)
    return `${word} is no value of JSON; expected a number, a text, true, false or null`;
  if (/^\s*[\]}]/.test(rest) && /,\s*$/.test(text.slice(Math.max(0, position - 200), position)))
    return 'a comma before the closing bracket; expected another value, or no comma';
  if (/^\s*'/.test(rest)) return 'a text in single quotes; expected double quotes, as in "a dog"';
  return message.replace(/ at position \d+$/, '');
}
