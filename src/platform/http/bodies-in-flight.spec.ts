import fastify, { type FastifyInstance } from 'fastify';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { SharedByteBudget } from '../byte-budget.js';
import { limitBodiesInFlight } from './bodies-in-flight.js';

describe('a request with a body', () => {
  let server: FastifyInstance;
  let budget: SharedByteBudget;
  /** Names of the requests whose handlers have started. */
  let started: string[];
  /** Functions that end the handlers, by name of the request. */
  let finishHandler: Map<string, () => void>;
  /** Called when the server detects that a client has disconnected. */
  let onDisconnect: () => void;
  beforeEach(async () => {
    server = fastify();
    budget = new SharedByteBudget(400); // 100 for one caller
    started = [];
    finishHandler = new Map();
    limitBodiesInFlight(server, { callerOf: ({ headers }) => String(headers['x-caller'] ?? ''), budget });
    onDisconnect = () => undefined;
    server.addHook('onRequestAbort', (_request, done) => {
      onDisconnect();
      done();
    });
    server.addContentTypeParser('application/x-ndjson', (_request, payload, done) => {
      payload.resume();
      done(null, 'streamed');
    });
    server.post('/', async ({ headers }) => {
      const name = String(headers['x-name']);
      started.push(name);
      await new Promise<void>((resolve) => finishHandler.set(name, resolve));
      return name;
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const finish of finishHandler.values()) finish();
    await server.close();
  });

  const post = (name: string, bytes: number, { type = 'text/plain', caller = '' } = {}) => {
    const { port } = server.server.address() as AddressInfo;
    const headers = { 'x-name': name, 'x-caller': caller, 'content-type': type, 'content-length': bytes };
    const clientRequest = request({ port, host: '127.0.0.1', method: 'POST', headers });
    clientRequest.on('error', () => undefined); // a test destroys some requests
    clientRequest.end('x'.repeat(bytes));
    return clientRequest;
  };
  /** Waits until as many requests have started as there are names, then checks that these and no others have. */
  const expectStarted = async (...names: string[]): Promise<void> => {
    for (let tries = 0; tries < 200 && started.length < names.length; tries++) await pause(10);
    await pause(50); // a request that must not start would start within this time
    expect(started).toEqual(names);
  };

  test('waits while earlier bodies leave too little room, until their requests are answered', async () => {
    post('first', 60);
    await expectStarted('first');
    post('second', 60);
    await expectStarted('first');
    finishHandler.get('first')?.();
    await expectStarted('first', 'second');
  });

  test('releases its room when its client disconnects, whether it is waiting or not', async () => {
    const first = post('first', 60);
    await expectStarted('first');
    const waiting = post('waiting', 60);
    await expectStarted('first');
    const disconnected = new Promise<void>((resolve) => (onDisconnect = resolve));
    waiting.destroy();
    await disconnected;
    first.destroy();
    post('next', 100);
    await expectStarted('first', 'next');
  });

  test('does not wait for the bodies of another caller', async () => {
    post('first', 60, { caller: 'one' });
    await expectStarted('first');
    post('second', 60, { caller: 'one' });
    await expectStarted('first');
    post('of another caller', 60, { caller: 'other' });
    await expectStarted('first', 'of another caller');
    finishHandler.get('first')?.();
    await expectStarted('first', 'of another caller', 'second');
  });

  test('uses no room if its body is streamed or empty', async () => {
    post('whole budget', 100);
    await expectStarted('whole budget');
    post('streamed', 500, { type: 'application/x-ndjson' });
    await expectStarted('whole budget', 'streamed');
    post('empty', 0);
    await expectStarted('whole budget', 'streamed', 'empty');
  });
});
