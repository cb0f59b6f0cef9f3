'use strict';

// Jest accepts `testTimeout` only at the top level of its configuration, so each project sets `projectTimeout` (in
// milliseconds) in `globals`. The timeout grows with the number of examples.
jest.setTimeout(globalThis.projectTimeout * Math.max(1, Number(process.env.REDRESS_TEST_EXAMPLES ?? 1)));
