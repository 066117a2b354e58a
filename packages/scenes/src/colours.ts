/** The colours that captions name. */
export const COLOURS = {
  red: '#cf2f2b',
  orange: '#e8842a',
  yellow: '#f0c531',
  green: '#3f9a4a',
  blue: '#2f6fc4',
  purple: '#7b4bab',
  pink: '#e689a8',
  brown: '#7d5334',
  black: '#2b2b30',
  white: '#f2f0ea',
  grey: '#8d9198',
  turquoise: '#2fa9a6',
} as const;

export type ColourName = keyof typeof COLOURS;

/** Mixes two `#rrggbb` colours. @param share of the second, 0 to 1. */
export function mix(a: string, b: string, share: number): string {
  const channel = (i: number): string => {
    const from = Number.parseInt(a.slice(i, i + 2), 16);
    const to = Number.parseInt(b.slice(i, i + 2), 16);
    return Math.round(from + (to - from) * share)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

export const lighter = (colour: string, share = 0.3): string => mix(colour, '#ffffff', share);
export const darker = (colour: string, share = 0.3): string => mix(colour, '#101020', share);
