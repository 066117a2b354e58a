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
const skipped = [];
if (filters.length === 0) {
  const name = "the API's tests on a native PostgreSQL";
  process.stderr.write(`\nNow ${name}.\n`);
  await withPostgres(
    root,
    async (url) => outcomes.push(await runVitest(root, ['apps/api'], { FREESTYLE_TEST_DATABASE_URL: url })),
    (reason) => skipped.push(`${name}: ${reason}`),
  );
}

const files = outcomes.flatMap((outcome) => Object.entries(outcome.files));
const passed = files.reduce((total, [, outcome]) => total + outcome.passed, 0);
const failures = files.flatMap(([file, { failed }]) =>
  failed.map(({ name, message }) => `${file} ${name}: ${message}`),
);
failures.push(...outcomes.flatMap(({ errors }) => errors.map((error) => `outside of any test: ${error}`)));
skipped.unshift(...files.flatMap(([, outcome]) => outcome.skipped));

list('skipped', skipped);
list(
  'passed only when run once more, by itself',
  outcomes.flatMap(({ unsteady }) => unsteady),
);
list('failed', failures);
if (advice !== null && failures.length > 0) process.stdout.write(`\n${advice}\n`);
// Set rather than called: what is still being written must come out whole.
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`);

/** @param {string} heading @param {string[]} names */
function list(heading, names) {
  if (names.length === 0) return;
  process.stdout.write(`\n${names.length} ${heading}:\n${names.map((name) => `  ${name}\n`).join('')}`);
}
