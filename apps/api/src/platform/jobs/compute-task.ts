import type { LogLevel } from './job-run.js';

/** What a task in the compute process may say and has to heed. */
export interface ComputeRun {
  /** Fires when the task shall stop. It throws the reason, and goes on from its own files the next time. */
  readonly signal: AbortSignal;
  /** Threads that its sessions may use: the processor is shared with queries. */
  readonly threads: number;
  /** Awaited, it lets messages in: a task that computes on its own thread would else not hear that it shall stop. */
  progress(done: number, total: number | null): Promise<void>;
  log(text: string, level?: LogLevel): void;
  say(message: string | null): void;
  /** Hands a value to whoever started the task, in order: points of a curve. */
  emit(event: unknown): void;
}

/** Heavy numeric work, away from the process that answers queries. Input and output are copied between processes: plain
 *  values and typed arrays; anything large is a file. */
export type ComputeTask<Input, Output> = (input: Input, run: ComputeRun) => Promise<Output>;

/** What the server sends to its compute process. */
export type ToCompute =
  | { readonly kind: 'begin'; readonly task: string; readonly input: unknown; readonly threads: number }
  | { readonly kind: 'stop'; readonly why: string };

/** What the compute process sends back. */
export type FromCompute =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number | null }
  | { readonly kind: 'log'; readonly text: string; readonly level: LogLevel }
  | { readonly kind: 'say'; readonly message: string | null }
  | { readonly kind: 'event'; readonly event: unknown }
  | { readonly kind: 'done'; readonly output: unknown }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: SentError };

/** An error that crossed from one process to the other. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Set for errors with words for people. */
  readonly code: string | null;
}
