import { formatShare } from '../ui/format';
import type { ChosenVersion, StyleMaker } from './style-queries';

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
  return `${title}, ${step ? step.label.toLowerCase() : formatShare(strength)}`;
}

export const versionId = ({ maker, strength }: ChosenVersion) => `${maker} ${strength ?? ''}`;
