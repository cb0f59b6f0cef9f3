// The compiled service in a process of its own that also carries out operations that the API does not offer (keep, drop):
// it logs the address where it takes them, each as the body of a POST.
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
