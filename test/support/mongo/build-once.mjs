import { buildMongo } from './server.mjs';

/** Jest's global setup: the stand-in is built before the tests, so that no test's timeout includes the build. */
export default async function buildOnce() {
  if (process.env.REDRESS_TEST_MONGODB !== undefined) return;
  // Where it cannot be built, the tests that need it say why.
  await buildMongo().catch(() => undefined);
}
