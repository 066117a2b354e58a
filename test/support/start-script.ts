import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A run of the start script in a process of its own, as a person starts it. */
export interface StartedProduct {
  /** Everything that it wrote to standard output so far. */
  readonly output: () => string;
  readonly errors: () => string;
  /** The address that it printed; rejects if it ends before. */
  readonly url: () => Promise<string>;
  /** Settles when the folder is imported and the script says so. */
  readonly ready: () => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

export interface StartScriptOptions {
  readonly dataDir: string;
  readonly model: string;
  readonly folder?: string;
  readonly port?: number;
  readonly args?: readonly string[];
  /** Where it keeps what is not to last; where all programs do if it is left out. */
  readonly temporary?: string;
}

/** Starts the product on a free port, with its data in a folder of the test's own. */
export function startProduct(options: StartScriptOptions): StartedProduct {
  const { folder, port = 0, dataDir, model, args = [], temporary } = options;
  return startScript(
    [
      ...(folder === undefined ? [] : [folder]),
      ...['--port', String(port), '--data', dataDir, '--model', model],
      ...args,
    ],
    temporary === undefined ? {} : { TMPDIR: temporary },
  );
}

/** Runs the start script with any arguments. */
export function startScript(args: readonly string[], env: NodeJS.ProcessEnv = {}): StartedProduct {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs'), ...args], {
    cwd: root,
    env: { ...withoutRunner(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const waitFor = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const match = output.match(pattern);
      if (match) return match;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`The start script ended before ${pattern}:\n${output}\n${errors}`);
      }
      await sleep(20);
    }
  };
  return {
    output: () => output,
    errors: () => errors,
    url: async () => (await waitFor(/Dashboard\s+(http:\S+)/))[1] ?? '',
    ready: async () => void (await waitFor(/^Ready:/m)),
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function killStarted(): void {
  for (const child of running) child.kill('SIGKILL');
}

// What npm and the test runner set would change where paths are looked up and how React is loaded.
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|DATABASE_URL$|FREESTYLE_)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** A folder of the test's own, and a way to delete it. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'freestyle-start-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Sends one operation to a running product; fails on any error. */
export async function graphql<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
