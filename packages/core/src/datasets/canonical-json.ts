/** JSON with one text for each value: keys by length in bytes, then by bytes; `, ` and `: ` between; numbers without an
 *  exponent. It is how PostgreSQL writes `jsonb`, so that a database can hash its rows where they are and come to what
 *  is computed here. Undefined values are left out.
 *  @throws {TypeError} for what JSON has no word for. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return plainNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(', ')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    const keyed = fields.map(([key, field]) => ({ key, bytes: Buffer.from(key), field }));
    keyed.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
    return `{${keyed.map(({ key, field }) => `${JSON.stringify(key)}: ${canonicalJson(field)}`).join(', ')}}`;
  }
  throw new TypeError(`expected a value that JSON can hold, got ${String(value)}`);
}

/** `1e21` as `1000000000000000000000`, `1.5e-7` as `0.00000015`. */
function plainNumber(value: number): string {
  const [, sign = '', whole = '', fraction = '', power] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (power === undefined) return String(value);
  const digits = whole + fraction;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
