import { spawn } from 'node:child_process';

/** A step of the setup that did not work; the message is for a person. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Nothing that the tools below could report leaves the machine, and nothing is fetched but npm packages. */
export const QUIET_ENVIRONMENT = {
  DO_NOT_TRACK: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  NO_UPDATE_NOTIFIER: '1',
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  // Only asked to exist; see apps/api/scripts/generate.mjs.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  ONNXRUNTIME_NODE_INSTALL: 'skip',
};

/** Runs a program that says nothing unless it fails. While it runs, a terminal shows the seconds that have passed.
 *  @param {string} title what is being done, as a person would say it
 *  @param {string} program @param {string[]} args @param {string} cwd
 *  @throws {SetupError} with what the program wrote. */
export async function runStep(title, program, args, cwd) {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  const live = process.stderr.isTTY === true;
  const show = (text) => process.stderr.write(live ? `\r\x1b[K${text}` : `${text}\n`);
  show(`${title} …`);
  const timer = live ? setInterval(() => show(`${title} … ${seconds()} s`), 1000) : null;
  const { status, output } = await collect(program, args, cwd);
  if (timer !== null) clearInterval(timer);
  if (status === 0) {
    show(`${title}: done in ${seconds()} s.`);
    if (live) process.stderr.write('\n');
    return;
  }
  if (live) process.stderr.write('\n');
  throw new SetupError(`${title} failed:\n${clip(output)}`);
}

/** @returns {Promise<{ status: number | null, output: string }>} */
function collect(program, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...QUIET_ENVIRONMENT },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ status: 1, output: `${program}: ${error.message}` }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** The beginning says what, the end says where: what lies between is left out. */
function clip(text) {
  const lines = text.trimEnd().split('\n');
  return lines.length <= 80 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-60)].join('\n');
}
