export interface StopSignal {
  /** Fires when somebody wants the program to end: Ctrl-C, a service manager, a closed terminal. */
  readonly signal: AbortSignal;
  readonly stopped: Promise<void>;
}

/** Listens for the signals that end a program. The second Ctrl-C ends it at once. */
export function listenForStop(onStop: () => void): StopSignal {
  const controller = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    const stop = (name: NodeJS.Signals) => {
      if (!controller.signal.aborted) {
        onStop();
        controller.abort();
        resolve();
        // npm hands a Ctrl-C on that the terminal has sent here already: both come within a moment.
        setTimeout(() => process.on('SIGINT', () => process.exit(130)), AGAIN_AFTER_MS).unref();
      }
      if (name === 'SIGHUP') process.stdout.destroy();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  });
  return { signal: controller.signal, stopped };
}

const AGAIN_AFTER_MS = 500;
