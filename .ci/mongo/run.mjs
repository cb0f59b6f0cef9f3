// node .ci/mongo/run.mjs             builds the MongoDB stand-in of the tests
// node .ci/mongo/run.mjs DIR [PORT]  runs it on the data in DIR until it is interrupted
import { buildMongo, startMongo } from '../../test/support/mongo/server.mjs';

const [dir, port = '27017'] = process.argv.slice(2);
if (dir === undefined) {
  await buildMongo();
} else {
  const server = await startMongo({ dir, port: Number(port) });
  console.log(`${server.url} (process ${String(server.pid)}), data in ${dir}`);
  const waiting = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clearInterval(waiting);
      void server.stop();
    });
  }
}
