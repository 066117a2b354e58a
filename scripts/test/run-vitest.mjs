import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUTCOME_FILE } from './outcome-reporter.mjs';

const reporter = fileURLToPath(new URL('outcome-reporter.mjs', import.meta.url));

/** With more failed files than these it is no accident, and a second try would only take time. */
const MOST_SHAKY = 5;

/** @typedef {import('./outcome-reporter.mjs').RunOutcome} RunOutcome */
/** @typedef {RunOutcome & { unsteady: string[] }} Outcome what only passed on its second try is in `unsteady` */

/** Runs tests. A file in which one failed is run once more, by itself and after all others: what then passes counts as
 *  passed and is named, so that a busy machine does not pass for a fault, and a fault that comes and goes is seen.
 *  @param {string} root @param {string[]} filters files or folders, as vitest takes them
 *  @param {Record<string, string>} env
 *  @param {'inherit' | 'ignore'} output whether what vitest prints is shown
 *  @returns {Promise<Outcome>} */
export async function runVitest(root, filters, env = {}, output = 'inherit') {
  const first = await runOnce(root, filters, env, output);
  const shaky = Object.keys(first.files).filter((file) => first.files[file].failed.length > 0);
  if (shaky.length === 0 || shaky.length > MOST_SHAKY) return { ...first, unsteady: [] };
  if (output === 'inherit') {
    process.stderr.write(
      `\nOnce more, by ${shaky.length > 1 ? 'themselves' : 'itself'}: ${shaky.join(', ')}\n`,
    );
  }
  const second = await runOnce(root, ['--maxWorkers=1', ...shaky], env, output);
  return secondTry(first, second, shaky);
}

/** @param {RunOutcome} first @param {RunOutcome} second @param {string[]} shaky files that were run twice
 *  @returns {Outcome} */
function secondTry(first, second, shaky) {
  const files = { ...first.files };
  const unsteady = [];
  for (const file of shaky) {
    const again = second.files[file];
    if (again === undefined) continue;
    files[file] = again;
    const stillFailing = new Set(again.failed.map(({ name }) => name));
    for (const { name, message } of first.files[file].failed) {
      if (!stillFailing.has(name)) unsteady.push(`${file} ${name}: ${message}`);
    }
  }
  return { files, errors: [...first.errors, ...second.errors], unsteady };
}

async function runOnce(root, options, env, output) {
  const folder = mkdtempSync(join(tmpdir(), 'freestyle-tests-'));
  const path = join(folder, 'outcome.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  try {
    const code = await execute(
      [vitest, 'run', '--reporter=default', `--reporter=${reporter}`, ...options],
      root,
      { ...env, [OUTCOME_FILE]: path },
      output,
    );
    return readOutcome(path, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function execute(args, cwd, env, output) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
    });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A run that ended badly for no test's fault, or before it could write its outcome, is an error of its own.
 *  @returns {RunOutcome} */
function readOutcome(path, code) {
  let outcome;
  try {
    outcome = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { files: {}, errors: [`vitest ended with code ${code} before it had an outcome`] };
  }
  const failed = Object.values(outcome.files).some((file) => file.failed.length > 0);
  if (code !== 0 && !failed && outcome.errors.length === 0) {
    outcome.errors.push(`vitest ended with code ${code}`);
  }
  return outcome;
}
