import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { startApp, type RunningApp } from '../support/app.js';

describe('a service that is asked to stop', () => {
  let app: RunningApp;
  let socket: Socket;
  beforeEach(async () => {
    app = await startApp({ stopTimeoutMs: 300 });
    socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => undefined); // the service closes the connection
    await once(socket, 'connect');
  });
  afterEach(async () => {
    socket.destroy();
    await app.stop();
  });

  /** The head of a request; its body is never sent. */
  const requestHead = (path: string, type: string, length: number): string =>
    [
      `POST ${path} HTTP/1.1`,
      'Host: redress',
      `Authorization: Bearer ${app.keyOf('intake_officer')}`,
      'Idempotency-Key: k1',
      `Content-Type: ${type}`,
      `Content-Length: ${String(length)}`,
      '\r\n',
    ].join('\r\n');

  test('stops after its stop timeout although the body of a request never arrives', async () => {
    socket.write(requestHead('/v1/complaints', 'application/json', 100));
    await pause(50);
    await app.service.stop();
    await expect(app.service.stores.eventStore.head()).rejects.toThrow('closed');
  });
});
