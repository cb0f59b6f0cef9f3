import { buildMongo } from './server.mjs';

/** Global setup of Jest: builds the stand-in before the tests, so that the timeout of a test does not include the build. */
export default async function buildOnce() {
  if (process.env.REDRESS_TEST_MONGODB !== undefined) return;
  // If the build fails, the tests that need the stand-in build it again and report the error.
  await buildMongo().catch(() => undefined);
}
