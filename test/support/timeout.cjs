'use strict';

// Jest takes `testTimeout` from the top level only; each project sets its own in `globals`.
jest.setTimeout(globalThis.projectTimeout);

// Tests that start processes can meet a busy machine: in CI they get a second try, and the first failure is printed.
if (process.env.CI && globalThis.projectTimeout > 10_000) jest.retryTimes(1, { logErrorsBeforeRetry: true });
