import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../testing/build.js';

const CHILD = fileURLToPath(new URL('../../dist/testing/stop-child.js', import.meta.url));
// Some turns of its loop, in which it says things that nobody reads.
const TURNS_MS = 500;

let child: ChildProcess | undefined;

beforeAll(() => ensureBuilt());
afterEach(() => {
  child?.kill('SIGKILL');
});

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a program of whose output nobody reads any more',
  async (signal) => {
    const started = spawn(process.execPath, [CHILD], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    await once(started.stdout, 'data');
    started.stdout.destroy();
    started.stderr.destroy();
    await sleep(TURNS_MS);
    expect(started.exitCode).toBeNull();
    const ended = once(started, 'exit');
    started.kill(signal);
    expect(await ended).toEqual([0, null]);
  },
  60_000,
);
