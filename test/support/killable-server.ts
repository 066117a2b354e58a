import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVE = fileURLToPath(new URL('serve-dashboard.mjs', import.meta.url));

/** The API with the dashboard in a process of its own, which can be killed and started again on the same port. */
export interface KillableServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it as a power cut would: nothing is closed, nothing is written out. */
  kill(): Promise<void>;
}

/** @param delayMs milliseconds that each batch of photos takes to encode, so that one can come in between. */
export async function createKillableServer(dataDir: string, delayMs: number): Promise<KillableServer> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  return {
    url: `http://127.0.0.1:${port}`,
    async start() {
      const started = spawn(process.execPath, [SERVE, dataDir, String(port), String(delayMs)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      for await (const line of createInterface({ input: started.stdout })) if (line === 'listening') return;
      throw new Error('The server ended before it listened.');
    },
    async kill() {
      const running = child;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise((done) => running.once('exit', done));
      running.kill('SIGKILL');
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
