#!/usr/bin/env node
// `npm test [-- <files>]`: makes the checkout ready, brings what the tests need where it may, and runs them all once:
// on the embedded database, and the API's again on a native PostgreSQL. The last line is the count.
import { QUIET_ENVIRONMENT } from './setup/run-step.mjs';
import { root, setUp } from './setup.mjs';
import { ensureChromium } from './test/chromium.mjs';
import { withPostgres } from './test/native-postgres.mjs';
import { runVitest } from './test/run-vitest.mjs';

await setUp();
Object.assign(process.env, QUIET_ENVIRONMENT);
const filters = process.argv.slice(2);
const advice = ensureChromium();
if (advice !== null) process.stderr.write(`${advice}\n`);

const outcomes = [await runVitest(root, filters)];
if (filters.length === 0) {
  const name = "the API's tests on a native PostgreSQL";
  process.stderr.write(`\nNow ${name}.\n`);
  outcomes.push(
    await withPostgres(
      root,
      (url) => runVitest(root, ['apps/api'], { FREESTYLE_TEST_DATABASE_URL: url }),
      (reason) => ({ passed: 0, failed: 0, skipped: [`${name}: ${reason}`] }),
    ),
  );
}

const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
const skipped = outcomes.flatMap((outcome) => outcome.skipped);
const [passed, failed] = [sum('passed'), sum('failed')];
if (skipped.length > 0) {
  process.stdout.write(`\n${skipped.length} skipped:\n${skipped.map((name) => `  ${name}\n`).join('')}`);
}
if (advice !== null && failed > 0) process.stdout.write(`\n${advice}\n`);
// Set rather than called: what is still being written must come out whole.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
