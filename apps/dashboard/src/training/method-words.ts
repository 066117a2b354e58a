import type { TrainingMethod } from '../generated/graphql';

export const METHODS: readonly {
  readonly value: TrainingMethod;
  readonly label: string;
  readonly hint: string;
}[] = [
  {
    value: 'FREESTYLE',
    label: 'FreestyleRet',
    hint: 'Prompts in every layer, made from the style of each query. The backbone stays frozen.',
  },
  { value: 'VPT', label: 'VPT', hint: 'The same learned prompts for every query, in every layer.' },
  { value: 'LORA', label: 'LoRA', hint: 'Low-rank additions to the attention.' },
  {
    value: 'FULL',
    label: 'Full',
    hint: 'A copy of the tower learns whole: the most it can, and the easiest to overfit.',
  },
  { value: 'LINEAR', label: 'Linear', hint: 'One map on the embedding: quick, and little.' },
];

export const methodLabel = (method: TrainingMethod): string =>
  METHODS.find(({ value }) => value === method)?.label ?? method;

/** "1 min 50 s". */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return 'under a second';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
