import fastify, { type FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.js';
import { LargeAnswers } from './large-answers.js';

/** More than the operating system keeps for a client that does not read. */
const ANSWER_BYTES = 12 * 1024 * 1024;

describe('a large answer', () => {
  let server: FastifyInstance;
  let sockets: Socket[];
  /** Names of the requests whose answers were computed. */
  let computed: string[];
  beforeEach(async () => {
    sockets = [];
    computed = [];
    server = fastify();
    const answers = new LargeAnswers(4 * ANSWER_BYTES); // one answer for each caller
    server.get<{ Params: { caller: string; name: string } }>('/:caller/:name', async (request, reply) => {
      const { caller, name } = request.params;
      request.caller = { name: caller } as NonNullable<typeof request.caller>;
      await answers.send(request, reply, () => {
        computed.push(name);
        return Promise.resolve(JSON.stringify('x'.repeat(ANSWER_BYTES)));
      });
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });

  /** Sends a request without reading the answer. */
  async function get(caller: string, name: string): Promise<Socket> {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.pause().write(`GET /${caller}/${name} HTTP/1.1\r\nHost: redress\r\n\r\n`);
    await pause(100); // an answer that must not be computed would be computed within this time
    return socket;
  }

  test('is computed when the clients of the same credential have read earlier ones; other credentials do not wait', async () => {
    const first = await get('one', 'first');
    await get('one', 'second');
    await eventually(() => {
      expect(computed).toEqual(['first']);
    });
    await get('other', 'another');
    await eventually(() => {
      expect(computed).toEqual(['first', 'another']);
    });
    first.resume();
    await eventually(() => {
      expect(computed).toEqual(['first', 'another', 'second']);
    });
  });

  test('is not computed for a client that has disconnected', async () => {
    const first = await get('one', 'first');
    (await get('one', 'second')).destroy();
    await get('one', 'third');
    first.destroy();
    await eventually(() => {
      expect(computed).toEqual(['first', 'third']);
    });
  });
});
