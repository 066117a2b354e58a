import { pino } from 'pino';
import { outliveOutput } from '../start/closed-output.js';
import { createConsoleProgress } from '../start/console-progress.js';
import { listenForStop } from '../start/stop-signal.js';

/** A process that says and logs things until a signal ends it, as the product does. Its reader may go away. */
outliveOutput();
// As the dashboard's framework does.
process.on('uncaughtException', (error) => void process.stderr.write(`${error.stack}\n`));
const log = pino({ level: 'info' }, pino.destination(2));
const progress = createConsoleProgress(process.stdout);
const stop = listenForStop(() => progress.line('Stopping …'));
progress.line('ready');
const ticks = setInterval(() => {
  progress.line('working');
  log.info('working');
}, 50);
await stop.stopped;
clearInterval(ticks);
log.info('closing');
process.exit(0);
