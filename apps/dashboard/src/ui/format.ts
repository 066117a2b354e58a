const counts = new Intl.NumberFormat('en-GB');
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const dateTimes = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** 6000 → "6,000". */
export const formatCount = (value: number) => counts.format(value);

/** "6,000 photos", "1 photo". */
export const formatPlural = (value: number, one: string, many = `${one}s`) =>
  `${formatCount(value)} ${value === 1 ? one : many}`;

/** A share between 0 and 1 as whole per cent, without claiming 0 or 100 % before it is. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.005) return '< 1 %';
  const percent = share < 1 ? Math.min(99, Math.round(share * 100)) : 100;
  return `${percent} %`;
}

/** A similarity or score, signed only when negative, three decimals, with a true minus sign. */
export const formatScore = (value: number) => value.toFixed(3).replace('-', '−');

/** Milliseconds in the precision a reader can use: "4 ms", "0.6 ms", "1.2 s". */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** Seconds left, rounded so that the figure does not jump about: "2 min", "40 s". */
export function formatSecondsLeft(seconds: number): string {
  if (seconds < 5) return 'a few seconds';
  if (seconds < 60) return `${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3600);
  return `${hours} h ${Math.ceil((seconds % 3600) / 60)} min`;
}

/** Bytes in decimal units, as file managers show them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const formatDate = (iso: string) => dates.format(new Date(iso));
export const formatDateTime = (iso: string) => dateTimes.format(new Date(iso));
