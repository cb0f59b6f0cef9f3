'use strict';

const { relative } = require('node:path');

/**
 * Jest reporter: names every skipped test, and of every file with a failure the command that repeats it with the same
 * seed; then prints `N passed, N failed, N skipped` as the very last line. Todo tests count as skipped; a test file that could not run counts as one failure. With `--json`, where standard
 * output belongs to the report, both go to standard error.
 */
module.exports = class SummaryReporter {
  constructor(globalConfig) {
    this.output = globalConfig.json ? process.stderr : process.stdout;
    // Under -t the tests that do not match are not news.
    this.filtered = Boolean(globalConfig.testNamePattern);
    this.rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const lines = this.filtered ? [] : skipped(results).map((name) => `skipped: ${name}`);
    lines.push(...repetitions(results, this.rootDir));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const notRun = results.numPendingTests + results.numTodoTests;
    lines.push(`${results.numPassedTests} passed, ${failed} failed, ${notRun} skipped`);
    // Jest prints its own summary after every other reporter: only the end of the process is later.
    process.once('exit', () => this.output.write(`${lines.join('\n')}\n`));
  }
};

function skipped(results) {
  return results.testResults.flatMap((file) =>
    file.testResults.filter((test) => test.status === 'pending' || test.status === 'todo').map((test) => test.fullName),
  );
}

/** One command a file that failed. */
function repetitions(results, rootDir) {
  const { REDRESS_TEST_SEED: seed, REDRESS_TEST_FAULTS: faults, REDRESS_TEST_EXAMPLES: examples } = process.env;
  const environment = `${examples ? `REDRESS_TEST_EXAMPLES=${examples} ` : ''}REDRESS_TEST_SEED=${seed}`;
  const script = faults === 'full' ? 'npm run test:faults' : 'npm test';
  return results.testResults
    .filter((file) => file.numFailingTests > 0 || file.testExecError)
    .map((file) => `repeat: ${environment} ${script} -- --testPathPatterns ${relative(rootDir, file.testFilePath)}`);
}
