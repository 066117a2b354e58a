import type { JobRun } from '../../platform/jobs/job-run.js';
import type { TrainEvent } from './compute.js';
import type { Point, RunState, TrainingRepository } from './repository.js';

/** As often as people see a change. */
const WRITE_MS = 500;
/** Points of a curve that are kept: more than a screen has. */
const MOST_POINTS = 2000;

/** Writes what a training tells into its curves, some of it at a time and in order. */
export function keepEvents(
  run: Pick<JobRun, 'id' | 'owner' | 'log'>,
  trainings: Pick<TrainingRepository, 'keep' | 'forgetAfter'>,
  runId: string,
) {
  let points: Point[] = [];
  let state: RunState = {};
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const [some, changed] = [points, state];
    [points, state] = [[], {}];
    if (some.length > 0 || Object.keys(changed).length > 0)
      await trainings.keep({ jobId: run.id, owner: run.owner }, runId, some, changed);
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    // Told where it is awaited, at the end.
    writing.catch(() => {});
    return writing;
  };
  const soon = () => {
    timer ??= setTimeout(() => void flush().catch(() => {}), WRITE_MS);
  };
  return {
    flush,
    add(event: TrainEvent) {
      if (event.kind === 'start') writing = writing.then(() => trainings.forgetAfter(runId, event.step));
      const told = toldBy(event);
      points.push(...told.points);
      state = { ...state, ...told.state };
      soon();
    },
  };
}

function toldBy(event: TrainEvent): { readonly points: readonly Point[]; readonly state: RunState } {
  if (event.kind === 'count')
    return { points: [], state: { trained: event.trained, frozen: BigInt(event.frozen) } };
  if (event.kind === 'start') return { points: [], state: { step: event.step } };
  if (event.kind === 'checkpoint') return { points: [], state: {} };
  const at = (series: string, value: number, seen: boolean | null = null): Point => ({
    ...{ series, step: event.step, value, seen },
  });
  if (event.kind === 'validation') {
    const { figures, score, best, step } = event;
    return {
      points: [
        at('mean hit@1', score),
        ...figures.map(({ name, value, seen }) => at(`hit@1 ${name}`, value, seen ?? null)),
      ],
      state: {
        ...(step === 0 && { startScore: score }),
        ...(best && { bestScore: best.score, bestStep: best.step }),
      },
    };
  }
  const { loss, rate, imagesPerSecond, secondsLeft, step, total } = event;
  const state = { step, imagesPerSecond, secondsLeft };
  const every = Math.ceil(total / MOST_POINTS);
  if (step % every !== 0 && step !== total) return { points: [], state };
  return {
    points: [at('loss', loss), at('learning rate', rate), at('images/s', imagesPerSecond)],
    state,
  };
}
