import type { ChosenVersion, StyleMaker } from './style-queries';

const STYLE_WORDS: Readonly<Record<string, string>> = {
  sketch: 'Sketch',
  art: 'Art',
  cartoon: 'Cartoon',
  lowres: 'Low resolution',
  text: 'Words',
};

/** What people call a style; names of a curator's own stay as they are. */
export const styleWord = (style: string) => STYLE_WORDS[style] ?? style;

/** Steps that are far enough apart to be told by eye. */
export const STRENGTHS = [
  { value: 0.25, label: 'Light' },
  { value: 0.5, label: 'Medium' },
  { value: 0.85, label: 'Strong' },
] as const;

/** "Pencil drawing, light"; a maker without strengths is its title alone. */
export function versionWord({ maker, strength }: ChosenVersion, makers: readonly StyleMaker[]): string {
  const title = makers.find(({ name }) => name === maker)?.title ?? maker;
  if (strength === null) return title;
  const step = STRENGTHS.find(({ value }) => value === strength);
  return `${title}, ${step ? step.label.toLowerCase() : strength}`;
}

export const versionId = ({ maker, strength }: ChosenVersion) => `${maker} ${strength ?? ''}`;
