/** How far a piece of work is. */
export interface Progress {
  /** What is being worked on, as a person would say it. */
  readonly title: string;
  readonly done: number;
  /** Null while it is being counted. */
  readonly total: number | null;
  readonly ratePerSecond?: number | null;
  readonly secondsLeft?: number | null;
}

export interface ConsoleProgress {
  /** Cheap to call often. */
  show(progress: Progress): void;
  /** A line that stays. */
  line(text: string): void;
}

export interface ConsoleStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR_WIDTH = 28;
// Between plain lines, where nothing can be drawn again: a log of a long import stays readable.
const LINE_EVERY_MS = 5000;

/** A bar that is drawn again on a terminal, a line now and then elsewhere. */
export function createConsoleProgress(out: ConsoleStream, now: () => number = Date.now): ConsoleProgress {
  let drawn = false;
  let last = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (drawn) out.write('\r\x1b[K');
    drawn = false;
  };
  return {
    show(progress) {
      if (out.isTTY) {
        clear();
        out.write(describe(progress, true).slice(0, Math.max(20, (out.columns ?? 100) - 1)));
        drawn = true;
      } else if (now() - last >= LINE_EVERY_MS) {
        last = now();
        out.write(`${describe(progress, false)}\n`);
      }
    },
    line(text) {
      clear();
      out.write(`${text}\n`);
    },
  };
}

function describe({ title, done, total, ratePerSecond, secondsLeft }: Progress, bar: boolean): string {
  if (total === null) return `  ${title} …`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * BAR_WIDTH);
  const parts = [
    ...(bar ? ['█'.repeat(full) + '░'.repeat(BAR_WIDTH - full)] : []),
    `${count(done)} of ${count(total)}`,
    `${Math.floor(share * 100)} %`,
    ...(ratePerSecond ? [`${ratePerSecond.toFixed(ratePerSecond < 10 ? 1 : 0)}/s`] : []),
    ...(ratePerSecond && secondsLeft !== null && secondsLeft !== undefined
      ? [`${duration(secondsLeft)} left`]
      : []),
  ];
  return `  ${title}  ${parts.join('  ')}`;
}

/** `1,234` */
export const count = (value: number): string => value.toLocaleString('en');

/** `42 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
