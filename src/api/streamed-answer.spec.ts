import { Logger } from '@nestjs/common';
import fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { StreamedBody } from '../platform/http/streamed-body.js';
import { StreamedAnswers, streamedBody } from './streamed-answer.js';

describe('a streamed answer that is interrupted', () => {
  let server: FastifyInstance;
  let logged: string[];
  let firstLog: Promise<void>;
  /** Runs after each chunk of the body. */
  let onChunk: () => void;

  async function* chunkSizes(body: StreamedBody): AsyncGenerator<object> {
    for await (const { length } of body) {
      onChunk();
      yield { bytes: length };
    }
  }

  /** Time in which 1,000 bytes of the body must arrive. */
  let waitMs: number;

  beforeEach(async () => {
    logged = [];
    onChunk = () => undefined;
    waitMs = 60_000;
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
      done(null, new StreamedBody(payload, { bytes: 1000, waitMs }));
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

  test('ends with a last line that says so, and with the connection, if the body arrived too slowly', async () => {
    waitMs = 200;
    const socket = sendPartialRequest();
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const drip = setInterval(() => socket.write('x'), 20);
    await once(socket, 'end'); // the server has closed its side
    clearInterval(drip);
    socket.destroy();
    const message = 'the body arrived too slowly: less than 1000 bytes in 0.2 s; send the request again';
    const [first = '', ...others] = answer.split('\r\n').filter((line) => line.startsWith('{'));
    expect(JSON.parse(first)).toEqual({ bytes: 5 });
    expect(JSON.parse(others.at(-1) ?? '')).toEqual({ status: 'interrupted', code: 'request_timeout', message });
    expect(answer).toMatch(/\r\n0\r\n\r\n$/); // the answer has its end, so that no client waits for more
    expect(logged).toEqual([`warn: bulk request r-1 was interrupted: ${message}`]);
  });
});
