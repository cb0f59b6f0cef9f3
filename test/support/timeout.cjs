'use strict';

// Jest takes `testTimeout` from the top level only; each project sets its own in `globals`. More examples take longer.
jest.setTimeout(globalThis.projectTimeout * Math.max(1, Number(process.env.REDRESS_TEST_EXAMPLES ?? 1)));
