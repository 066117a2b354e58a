import type { FitEvent, QueryRunStart } from '@freestyle/core/training';
import type { CliContext } from './cli-context.js';
import type { progressLine } from './progress-line.js';

const percent = (share: number, digits = 1): string => (100 * share).toFixed(digits);

/** Notes of a query training: what learns, what stands in both parts of the data, each validation; steps on the line. */
export function tellTraining(context: CliContext, progress: ReturnType<typeof progressLine>) {
  return {
    onStart({ count: { trained, frozen, share }, shared }: QueryRunStart): void {
      context.note(`${trained} parameters trained, ${frozen} frozen (${percent(share, 2)} % trained).`);
      for (const [what, count] of Object.entries(shared))
        if (count > 0)
          context.note(
            `training and validation share ${count} ${what}: validation figures will be too good; give splits without common pictures.`,
          );
    },
    onEvent(event: FitEvent): void {
      if (event.kind === 'step') {
        const { step, total, loss, imagesPerSecond } = event;
        const detail = `loss ${loss.toFixed(3)}, ${Math.round(imagesPerSecond)} images/s`;
        progress.update('training', step, total, detail);
      }
      if (event.kind !== 'validation') return;
      const { step, figures, score, best } = event;
      const told = figures.map(
        ({ name, value, seen }) => `${name}${seen === false ? ' (unseen)' : ''} ${percent(value)}`,
      );
      context.note(
        `validation after ${step} steps: hit@1 ${told.join(', ')}, mean ${percent(score)}${best?.step === step ? ' (best)' : ''}`,
      );
    },
  };
}
