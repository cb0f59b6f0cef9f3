import { Logger } from '@nestjs/common';
import fastify, { type FastifyInstance } from 'fastify';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { StreamedAnswers, streamedBody } from './streamed-answer.js';

describe('a streamed answer that is interrupted', () => {
  let server: FastifyInstance;
  let logged: string[];
  let firstLog: Promise<void>;
  /** Runs after each chunk of the body. */
  let onChunk: () => void;

  async function* chunkSizes(body: Readable): AsyncGenerator<object> {
    for await (const chunk of body) {
      onChunk();
      yield { bytes: (chunk as Buffer).length };
    }
  }

  beforeEach(async () => {
    logged = [];
    firstLog = new Promise((resolve) => {
      for (const level of ['error', 'warn'] as const)
        jest.spyOn(Logger.prototype, level).mockImplementation((...[text]: readonly unknown[]) => {
          logged.push(`${level}: ${String(text).split('\n')[0] ?? ''}`);
          resolve();
        });
    });
    const answers = new StreamedAnswers();
    server = fastify({ genReqId: () => 'r-1' });
    server.addContentTypeParser('application/x-ndjson', (_request, payload, done) => {
      done(null, payload);
    });
    server.post('/', (request, reply) =>
      answers.send(request, reply, chunkSizes(streamedBody(request, 'application/x-ndjson'))),
    );
    await server.listen();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await server.close();
  });

  /** Sends the first 5 of the 100 bytes of a body; the connection stays open. */
  function sendPartialRequest() {
    const address = server.server.address();
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0);
    socket.on('error', () => undefined);
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100\r\n\r\nbegin',
    );
    return socket;
  }

  test('is logged as an error if processing the body failed', async () => {
    onChunk = () => {
      throw new Error('the batch could not be recorded');
    };
    const socket = sendPartialRequest();
    await firstLog;
    expect(logged).toEqual(['error: bulk request r-1 was interrupted: Error: the batch could not be recorded']);
    socket.destroy();
  });

  test('is logged as a warning if the sender disconnected', async () => {
    const socket = sendPartialRequest();
    onChunk = () => socket.destroy();
    await firstLog;
    expect(logged).toEqual(['warn: bulk request r-1 was interrupted by its sender']);
  });
});
