const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

/** Reads a moment from ISO 8601 text; a date alone, and a time without a zone, are in UTC.
 *  @throws {TypeError} for anything else, and for days that no calendar has, such as 30 February. */
export function parseMoment(value: unknown): Date {
  const text = String(value).trim();
  const parts = MOMENT.exec(text);
  const shown = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  if (parts === null) {
    throw new TypeError(`expected a moment as ISO 8601 text, such as 2026-05-17T08:30:00Z, got "${shown}"`);
  }
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const zone = parts[7];
  const calendar = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  const exists = calendar.getUTCMonth() + 1 === month && calendar.getUTCDate() === day;
  if (!exists || (hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) {
    throw new TypeError(`there is no such day or time: "${shown}"`);
  }
  const written = text.toUpperCase().replace(' ', 'T');
  return new Date(zone === undefined && written.includes('T') ? `${written}Z` : written);
}
