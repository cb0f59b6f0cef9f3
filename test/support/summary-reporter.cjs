'use strict';

const { relative } = require('node:path');

/**
 * Jest reporter. At the end of a run it prints:
 * - the name of every skipped test (not with `-t`);
 * - for each test file with a failure, the command that runs the file again with the same seed;
 * - as the last line `N passed, N failed, N skipped`. Todo tests count as skipped, a test file that cannot be run as one
 *   failure.
 *
 * It prints to standard output; with `--json` to standard error, because Jest then prints its report to standard output.
 */
module.exports = class SummaryReporter {
  constructor(globalConfig) {
    this.output = globalConfig.json ? process.stderr : process.stdout;
    // With -t, Jest reports every test that does not match as skipped.
    this.filtered = Boolean(globalConfig.testNamePattern);
    this.rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const lines = this.filtered ? [] : namesOfSkipped(results).map((name) => `skipped: ${name}`);
    lines.push(...repeatCommands(results, this.rootDir));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    lines.push(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
    // Jest prints its own summary after all reporters have run, so these lines wait for the end of the process.
    process.once('exit', () => this.output.write(`${lines.join('\n')}\n`));
  }
};

function namesOfSkipped(results) {
  return results.testResults.flatMap((file) =>
    file.testResults.filter((test) => test.status === 'pending' || test.status === 'todo').map((test) => test.fullName),
  );
}

/** One command for each test file with a failure. */
function repeatCommands(results, rootDir) {
  const { REDRESS_TEST_SEED: seed, REDRESS_TEST_FAULTS: faults, REDRESS_TEST_EXAMPLES: examples } = process.env;
  const environment = `${examples ? `REDRESS_TEST_EXAMPLES=${examples} ` : ''}REDRESS_TEST_SEED=${seed}`;
  const script = faults === 'full' ? 'npm run test:faults' : 'npm test';
  return results.testResults
    .filter((file) => file.numFailingTests > 0 || file.testExecError)
    .map((file) => `repeat: ${environment} ${script} -- --testPathPatterns ${relative(rootDir, file.testFilePath)}`);
}
