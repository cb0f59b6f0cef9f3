import { Logger } from '@nestjs/common';
import fastify, { type FastifyInstance } from 'fastify';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { StreamedAnswers, streamedBody } from './streamed-answer.js';

describe('an answer that breaks off', () => {
  let server: FastifyInstance;
  let said: string[];
  let told: Promise<void>;
  /** What happens after the first piece of the body has come. */
  let then: () => void;

  async function* taking(body: Readable): AsyncGenerator<object> {
    for await (const piece of body) {
      then();
      yield { bytes: (piece as Buffer).length };
    }
  }

  beforeEach(async () => {
    said = [];
    told = new Promise((resolve) => {
      for (const level of ['error', 'warn'] as const)
        jest.spyOn(Logger.prototype, level).mockImplementation((...[text]: readonly unknown[]) => {
          said.push(`${level}: ${String(text).split('\n')[0] ?? ''}`);
          resolve();
        });
    });
    const answers = new StreamedAnswers();
    server = fastify({ genReqId: () => 'r-1' });
    server.addContentTypeParser('application/x-ndjson', (_request, payload, done) => {
      done(null, payload);
    });
    server.post('/', (request, reply) =>
      answers.send(request, reply, taking(streamedBody(request, 'application/x-ndjson'))),
    );
    await server.listen();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await server.close();
  });

  /** A request of which only the beginning is sent. */
  function sending() {
    const address = server.server.address();
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0);
    socket.on('error', () => undefined);
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\nbegin',
    );
    return socket;
  }

  test('because the store has failed is not laid at the door of its sender', async () => {
    then = () => {
      throw new Error('the batch could not be written down');
    };
    const socket = sending();
    await told;
    expect(said).toEqual(['error: bulk request r-1 broken off: Error: the batch could not be written down']);
    socket.destroy();
  });

  test('because its sender went away says so', async () => {
    const socket = sending();
    then = () => socket.destroy();
    await told;
    expect(said).toEqual(['warn: bulk request r-1 broken off by its sender']);
  });
});
