'use strict';

// Jest takes `testTimeout` from the top level only; each project sets its own in `globals`.
jest.setTimeout(globalThis.projectTimeout);
