const LENGTH = 80;

/** What came instead of what was expected, for an error's message: as JSON, shortened. Total: also a value nested so
 *  deep that JSON cannot be written of it is shown. */
export function shown(value: unknown): string {
  const text = jsonOf(value);
  return text.length > LENGTH ? `${text.slice(0, LENGTH - 3)}...` : text;
}

function jsonOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'a value that is nested too deep';
  }
}
