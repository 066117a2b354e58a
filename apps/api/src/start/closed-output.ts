import type { EventEmitter } from 'node:events';

/** Lets the program live on when nobody reads what it says any more: a closed terminal, a pipe whose reader has gone. A
 *  write would end it, or, where a library writes down what nobody caught, keep it busy with nothing else for ever, so
 *  that no signal ends it. */
export function outliveOutput(streams: readonly EventEmitter[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.on('error', () => {});
}
