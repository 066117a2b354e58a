import type { Json } from './job-repository.js';

export type LogLevel = 'info' | 'warn' | 'error';

/** One worker's hold on a job: what there is to do, and how to tell of it. */
export interface JobRun<Payload = unknown> {
  readonly id: string;
  readonly datasetId: string | null;
  /** Who asked for it; null for what the server began by itself. */
  readonly startedBy: string | null;
  readonly payload: Payload;
  /** Whom the lease belongs to. */
  readonly owner: string;
  /** 1 for the first time that a worker took it up. */
  readonly attempt: number;
  /** The counts as the run before left them; `total` is null where nothing was counted yet. */
  readonly before: { readonly total: number | null; readonly done: number };
  /** Fires when the work shall stop after the batch it is at: cancelled, paused, shut down, or taken over by another.
   *  A run that stops for it throws its reason; one that returns says that all of its work is done. */
  readonly signal: AbortSignal;
  /** How far the work is, in the kind's own unit, counted from the very beginning of the job. Cheap: what comes in
   *  quick succession is written once. */
  progress(done: number, total: number | null): void;
  /** A line that can be read on the job afterwards. */
  log(text: string, level?: LogLevel): void;
  /** Replaces what the job tells people now. */
  say(message: string | null): Promise<void>;
}

/** How a job ended well. */
export interface JobEnd {
  /** What people are told. */
  readonly message?: string | null;
  /** What programs read: ids of what was made, figures. */
  readonly result?: Json | null;
}
