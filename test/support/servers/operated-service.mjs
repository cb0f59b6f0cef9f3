// Runs the compiled service in its own process, with a second HTTP server on which a test can call `projections.execute`
// directly: POST with an operation as the body returns {value} or {error}; GET returns {leads}. The log line with the
// message `operated` has the address of that server.
import 'reflect-metadata';
import { createServer } from 'node:http';
import { startService } from '../../../dist/src/app/service.js';
import { loadConfiguration } from '../../../dist/src/platform/configuration.js';

const service = await startService({ configuration: loadConfiguration(process.env) });
const { projections, leads } = service.stores;

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return JSON.parse(body);
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ leads: leads() }));
    return;
  }
  void bodyOf(request)
    .then((operation) => projections.execute(operation))
    .then(
      (value) => response.end(JSON.stringify({ value })),
      ({ name, message }) => response.end(JSON.stringify({ error: { name, message } })),
    );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(JSON.stringify({ msg: 'operated', url: `http://127.0.0.1:${String(port)}` }));
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await service.stop();
});
