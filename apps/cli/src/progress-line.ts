import type { CliContext } from './cli-context.js';

const SECONDS_BETWEEN_LINES = 10;

/** Shows how far a long piece of work is, with its rate and the time left: one line drawn again on a terminal, a line
 *  every ten seconds elsewhere. `update` is cheap to call often. */
export function progressLine(context: CliContext, unit: string) {
  let what = '';
  let started = 0;
  let shown = 0;
  let before = 0;
  const draw = (text: string, last: boolean) => {
    if (context.interactive) process.stderr.write(`\r\x1b[K${text}${last ? '\n' : ''}`);
    else context.note(text);
  };
  return {
    update(part: string, done: number, total: number, detail = ''): void {
      const now = performance.now();
      if (part !== what) {
        what = part;
        started = now;
        // What an earlier run did, and the first piece of this one, took none of the time measured from here.
        before = done;
        // The first batch has already run when it reports: without this a short part would never be shown.
        shown = now;
      }
      const last = done >= total;
      const pause = context.interactive ? 0.1 : SECONDS_BETWEEN_LINES;
      if (!last && now - shown < 1000 * pause) return;
      shown = now;
      const seconds = (now - started) / 1000;
      const rate = seconds > 0 ? (done - before) / seconds : 0;
      const left = rate > 0 && !last ? `, ${Math.ceil((total - done) / rate)} s left` : '';
      const more = detail === '' ? '' : `, ${detail}`;
      draw(
        `${part}: ${done} of ${total} ${unit}${rate > 0 ? ` (${rate.toFixed(rate < 10 ? 1 : 0)}/s${left})` : ''}${more}`,
        last,
      );
    },
  };
}
