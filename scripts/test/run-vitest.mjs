import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Outcome */

/** Runs tests once and counts them.
 *  @param {string} root @param {string[]} filters files or folders, as vitest takes them
 *  @param {Record<string, string>} env
 *  @returns {Promise<Outcome>} */
export async function runVitest(root, filters, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'freestyle-report-'));
  const report = join(folder, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await execute([vitest, 'run', ...reporters, ...filters], root, env);
    return count(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function execute(args, cwd, env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** A file that could not even be loaded counts as one failure, and so does a run that ended badly for no test's
 *  fault: an unhandled error, a crash before the report was written. */
function count(report, code) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  const of = (...states) => tests.filter(({ status }) => states.includes(status));
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const failed = of('failed').length + brokenFiles.length;
  return {
    passed: of('passed').length,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: of('skipped', 'pending', 'todo', 'disabled').map(({ fullName }) => fullName),
  };
}
