import pg from 'pg';
import type { Prisma } from '../../../generated/prisma/client.js';

/** A statement as plain text, its values written out: what several statements in one message need, because values of
 *  their own can only go with one. Every value is quoted by the driver's own rules.
 *  @throws {TypeError} for a value that has no literal. */
export function literalSql(sql: Prisma.Sql): string {
  return sql.strings.reduce((text, piece, i) => `${text}${literal(sql.values[i - 1])}${piece}`);
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'bigint') return `'${value}'`;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number' && Number.isFinite(value)) return `'${value}'`;
  if (value instanceof Date) return quoted(value.toISOString());
  if (Array.isArray(value)) return quoted(`{${value.map(element).join(',')}}`);
  throw new TypeError(`a ${typeof value} has no literal in SQL`);
}

const element = (value: unknown): string =>
  value === null ? 'NULL' : `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`;

function quoted(text: string): string {
  // It would end the message there.
  if (text.includes('\0')) throw new TypeError('text with a zero character has no literal in SQL');
  return pg.escapeLiteral(text);
}
