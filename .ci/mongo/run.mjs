// node .ci/mongo/run.mjs             builds the MongoDB stand-in for tests
// node .ci/mongo/run.mjs DIR [PORT]  runs the stand-in with its data in DIR until SIGINT or SIGTERM; default port 27017
import { buildMongo, startMongo } from '../../test/support/mongo/server.mjs';

const [dir, port = '27017'] = process.argv.slice(2);
if (dir === undefined) {
  await buildMongo();
} else {
  const server = await startMongo({ dir, port: Number(port) });
  console.log(`${server.url} (process ${String(server.pid)}), data in ${dir}`);
  const keepAlive = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(keepAlive);
      void server.stop();
    });
  }
}
