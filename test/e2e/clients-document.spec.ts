import { describeDocument } from '../support/run-document.js';
import { describeUnless } from '../support/skip.js';

/*
 * Generates a client in TypeScript and one in Java from the OpenAPI document, compiles them, and runs a program with each.
 * This downloads packages, so only CI does it.
 */
describeUnless(process.env.REDRESS_TEST_CLIENTS === '1' ? undefined : 'REDRESS_TEST_CLIENTS is not 1')(
  'generated clients',
  () => describeDocument('docs/clients.md', { programs: ['npm', 'java', 'mvn'] }),
);
