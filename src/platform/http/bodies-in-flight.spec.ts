import fastify, { type FastifyInstance } from 'fastify';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { ByteBudget } from '../byte-budget.js';
import { boundBodies } from './bodies-in-flight.js';

describe('bodies in flight', () => {
  let server: FastifyInstance;
  let budget: ByteBudget;
  let started: string[];
  let finish: Map<string, () => void>;
  /** Called when the server notices that a client has disconnected. */
  let noticed: () => void;
  beforeEach(async () => {
    server = fastify();
    budget = new ByteBudget(100);
    started = [];
    finish = new Map();
    boundBodies(server, budget);
    noticed = () => undefined;
    server.addHook('onRequestAbort', (_request, done) => {
      noticed();
      done();
    });
    server.addContentTypeParser('application/x-ndjson', (_request, payload, done) => {
      payload.resume();
      done(null, 'streamed');
    });
    server.post('/', async (asked) => {
      const name = String(asked.headers['x-name']);
      started.push(name);
      await new Promise<void>((resolve) => finish.set(name, resolve));
      return name;
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const resolve of finish.values()) resolve();
    await server.close();
  });

  const post = (name: string, bytes: number, type = 'text/plain') => {
    const { port } = server.server.address() as AddressInfo;
    const headers = { 'x-name': name, 'content-type': type, 'content-length': bytes };
    const sent = request({ port, host: '127.0.0.1', method: 'POST', headers });
    sent.on('error', () => undefined); // cut off by a test
    sent.end('x'.repeat(bytes));
    return sent;
  };
  const expectStarted = async (...names: string[]): Promise<void> => {
    for (let tries = 0; tries < 200 && started.length < names.length; tries++) await pause(10);
    await pause(50); // enough time for a request that should not start
    expect(started).toEqual(names);
  };

  test('wait while earlier ones use all the room, and continue once these have responses', async () => {
    post('first', 60);
    await expectStarted('first');
    post('second', 60);
    await expectStarted('first');
    finish.get('first')?.();
    await expectStarted('first', 'second');
  });

  test('release their room when the client disconnects, waiting or not', async () => {
    const first = post('first', 60);
    await expectStarted('first');
    const waiting = post('waiting', 60);
    await expectStarted('first');
    const left = new Promise<void>((resolve) => (noticed = resolve));
    waiting.destroy();
    await left;
    first.destroy();
    post('next', 100);
    await expectStarted('first', 'next');
  });

  test('use no room when they are streamed or absent', async () => {
    post('all of it', 100);
    await expectStarted('all of it');
    post('streamed', 500, 'application/x-ndjson');
    await expectStarted('all of it', 'streamed');
    post('empty', 0);
    await expectStarted('all of it', 'streamed', 'empty');
  });
});
