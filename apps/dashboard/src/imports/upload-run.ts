import type { PickedFile } from './picked-files';
import { type Sending, sendFile } from './send-file';

export type UploadProgress = {
  /** `waiting`: the server is not there; it is asked again and again. */
  readonly state: 'sending' | 'paused' | 'waiting' | 'sent' | 'over';
  readonly totalCount: number;
  readonly totalBytes: number;
  /** Arrived, now or before. */
  readonly doneCount: number;
  readonly doneBytes: number;
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Why nothing more is taken. */
  readonly reason: string | null;
};

export type UploadRun = {
  readonly progress: () => UploadProgress;
  pause(): void;
  resume(): void;
  /** Ends it for good; what has arrived stays. */
  stop(): void;
};

// Browsers open six connections to a server; some are left for the pages.
const PARALLEL = 4;
const TELL_MS = 250;
// As long as the server answers at all, a file that fails this often is left out.
const TRIES = 6;
const RETRY_MS = [500, 1000, 2000, 4000, 8000] as const;
const RATE_WINDOW_MS = 10_000;

/**
 * Sends files, a few at a time, through broken connections and restarts of the server.
 * @param arrived paths that the server has already.
 * @param onChange is told a few times a second, and at the end.
 */
export function startUpload(
  files: readonly PickedFile[],
  sessionKey: string,
  arrived: ReadonlySet<string>,
  onChange: (progress: UploadProgress) => void,
): UploadRun {
  const queue = files.filter(({ path }) => !arrived.has(path));
  const before = files.filter(({ path }) => arrived.has(path));
  const sending = new Map<string, { readonly it: Sending; bytes: number }>();
  const refused: { path: string; reason: string }[] = [];
  const rate = createRate();
  const totalBytes = sumOf(files);
  let doneCount = before.length;
  let doneBytes = sumOf(before);
  let state: UploadProgress['state'] = 'sending';
  let reason: string | null = null;
  const wake: (() => void)[] = [];
  let backAgain: Promise<void> | null = null;

  const progress = (): UploadProgress => {
    const flying = [...sending.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const bytesPerSecond = state === 'sending' ? rate.at(doneBytes + flying) : null;
    const left = totalBytes - doneBytes - flying;
    return {
      state,
      totalCount: files.length,
      totalBytes,
      doneCount,
      doneBytes: doneBytes + flying,
      refused: [...refused],
      bytesPerSecond,
      secondsLeft: bytesPerSecond ? Math.max(0, left / bytesPerSecond) : null,
      reason,
    };
  };
  const tell = () => onChange(progress());
  const timer = setInterval(tell, TELL_MS);
  const enter = (next: UploadProgress['state']) => {
    if (state === 'over' || state === 'sent') return;
    state = next;
    if (next === 'over' || next === 'sent') clearInterval(timer);
    for (const one of wake.splice(0)) one();
    tell();
  };
  const abortAll = () => {
    for (const { it } of sending.values()) it.abort();
  };
  const untilSending = async () => {
    while (state === 'paused' || state === 'waiting') {
      await new Promise<void>((resolve) => wake.push(resolve));
    }
  };

  /** One of them finds out for all when the server is back. */
  function untilServerIsBack(): Promise<void> {
    backAgain ??= (async () => {
      for (let n = 0; ; n++) {
        const reached = await fetch('/healthz', { cache: 'no-store' }).then(
          ({ ok }) => ok,
          () => false,
        );
        if (reached || state === 'over') break;
        if (state === 'sending') enter('waiting');
        await sleep(RETRY_MS[Math.min(n, RETRY_MS.length - 1)] ?? 0);
      }
      backAgain = null;
      if (state === 'waiting') enter('sending');
    })();
    return backAgain;
  }

  async function sendOne(picked: PickedFile): Promise<void> {
    for (let tries = 1; state !== 'over'; ) {
      await untilSending();
      if ((state as string) === 'over') return;
      const flight = { it: sendFile(picked, sessionKey, (bytes) => onBytes(bytes)), bytes: 0 };
      const onBytes = (bytes: number) => {
        flight.bytes = bytes;
      };
      sending.set(picked.path, flight);
      const outcome = await flight.it.outcome;
      sending.delete(picked.path);
      if (outcome.kind === 'sent') {
        doneCount += 1;
        doneBytes += picked.file.size;
        return;
      }
      if (outcome.kind === 'over') {
        reason = outcome.reason;
        enter('over');
        abortAll();
        return;
      }
      if (outcome.kind === 'refused' || (outcome.kind === 'unreachable' && tries >= TRIES)) {
        const why =
          outcome.kind === 'refused' ? outcome.reason : 'It could not be sent, in several attempts.';
        refused.push({ path: picked.path, reason: why });
        return;
      }
      if (outcome.kind === 'unreachable') {
        const since = Date.now();
        await untilServerIsBack();
        // Only a failure while the server was there speaks against the file.
        if (Date.now() - since < (RETRY_MS[0] ?? 0)) {
          tries += 1;
          await sleep(200 * tries);
        }
      }
    }
  }

  async function work(): Promise<void> {
    for (let next = queue.shift(); next && state !== 'over'; next = queue.shift()) await sendOne(next);
  }

  void Promise.all(Array.from({ length: PARALLEL }, work)).then(() => enter('sent'));
  return {
    progress,
    pause() {
      if (state !== 'sending' && state !== 'waiting') return;
      enter('paused');
      abortAll();
    },
    resume() {
      if (state === 'paused') enter('sending');
    },
    stop() {
      enter('over');
      abortAll();
    },
  };
}

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const sumOf = (files: readonly PickedFile[]) => files.reduce((sum, { file }) => sum + file.size, 0);

/** Bytes a second over the last moments. */
function createRate() {
  const seen: { ms: number; bytes: number }[] = [];
  return {
    at(bytes: number): number | null {
      const ms = performance.now();
      seen.push({ ms, bytes });
      while (seen.length > 2 && ms - (seen[0]?.ms ?? ms) > RATE_WINDOW_MS) seen.shift();
      const [first] = seen;
      if (!first || ms - first.ms < 1000) return null;
      return Math.max(0, ((bytes - first.bytes) * 1000) / (ms - first.ms));
    },
  };
}
