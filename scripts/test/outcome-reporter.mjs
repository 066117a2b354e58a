import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Environment variable that names the file into which the outcome goes. */
export const OUTCOME_FILE = 'FREESTYLE_TEST_OUTCOME';

/** @typedef {{ name: string, message: string }} Failure */
/** @typedef {{ passed: number, failed: Failure[], skipped: string[] }} FileOutcome */
/** @typedef {{ files: Record<string, FileOutcome>, errors: string[] }} RunOutcome */

/** Writes what came out of each file, and the errors that belong to no test, which vitest's own JSON leaves out. */
export default class OutcomeReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules
   *  @param {readonly import('vitest/node').SerializedError[]} unhandled */
  onTestRunEnd(modules, unhandled) {
    /** @type {RunOutcome} */
    const outcome = {
      files: Object.fromEntries(
        modules.map((module) => [relative(process.cwd(), module.moduleId), outcomeOf(module)]),
      ),
      errors: unhandled.map(firstLine),
    };
    writeFileSync(process.env[OUTCOME_FILE], JSON.stringify(outcome));
  }
}

/** A file that could not be loaded, or whose `beforeAll` failed, has no failed test: it counts as one itself. */
function outcomeOf(module) {
  const tests = [...module.children.allTests()].map((test) => ({ name: test.fullName, ...test.result() }));
  const of = (state) => tests.filter((test) => test.state === state);
  const failed = of('failed').map(({ name, errors }) => ({ name, message: firstLine(errors[0]) }));
  if (module.state() === 'failed' && failed.length === 0) {
    const errors = [module, ...module.children.allSuites()].flatMap((part) => part.errors());
    failed.push({ name: '(the file itself)', message: firstLine(errors[0]) });
  }
  return { passed: of('passed').length, failed, skipped: of('skipped').map(({ name }) => name) };
}

function firstLine(error) {
  return String(error?.message ?? error ?? 'no message').split('\n', 1)[0];
}
