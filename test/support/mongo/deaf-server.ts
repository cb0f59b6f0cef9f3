import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

const OP_MSG = 2013;
const OP_QUERY = 2004;
/** More than sockets take in at once, so that its writer waits. */
const LARGE = 4 * 1024 * 1024;

/**
 * A server that says it is MongoDB and answers `{ok: 1}` to all but what a test does not let it answer: the handshake
 * and the heartbeat go on.
 */
export class DeafServer {
  /** Whether a command of this name is answered. */
  answers: (command: string) => boolean = () => true;
  /** The code of the error that a command is answered with. */
  refuses: (command: Document) => number | undefined = () => undefined;
  /** What becomes of a command of over 4 MiB: it is not read to its end, or the connection is ended while it is. */
  large: 'unread' | 'ended' = 'unread';
  /** Names of the commands that arrived, answered or not. */
  readonly heard: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.listenTo(socket);
    });
  }

  static async start(): Promise<DeafServer> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return new DeafServer(server);
  }

  /** @param options of a connection string */
  url(options = ''): string {
    return `mongodb://127.0.0.1:${String((this.server.address() as AddressInfo).port)}/views?${options}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private listenTo(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    let arrived = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      arrived = Buffer.concat([arrived, bytes]);
      while (arrived.length >= 16) {
        const length = arrived.readInt32LE(0);
        if (length > LARGE) {
          socket.off('data', onData).pause();
          if (this.large === 'ended') endWhileItIsSent(socket);
          return;
        }
        if (arrived.length < length) return;
        this.hear(socket, arrived.subarray(0, length));
        arrived = arrived.subarray(length);
      }
    };
    socket.on('data', onData).on('end', () => socket.end());
  }

  private hear(socket: Socket, message: Buffer): void {
    // behind the header: flags and the kind of section, or flags, a name, and two numbers
    const body = message.readInt32LE(12) === OP_QUERY ? message.indexOf(0, 20) + 9 : 21;
    const command = BSON.deserialize(message.subarray(body, body + message.readInt32LE(body)));
    const [name = ''] = Object.keys(command);
    const greets = /^(hello|isMaster)$/i.test(name);
    if (!greets) this.heard.push(name);
    if (!greets && !this.answers(name)) return;
    const code = this.refuses(command);
    const answer = code === undefined ? { ok: 1 } : { ok: 0, code, errmsg: 'refused' };
    socket.write(answerTo(message.readInt32LE(4), greets ? WELCOME : answer));
  }
}

/** It says good-bye first and reads the rest then: the writer hears of the end before it is done. */
function endWhileItIsSent(socket: Socket): void {
  socket.end();
  setTimeout(() => socket.resume(), 100);
}

const WELCOME = {
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
  ok: 1,
};

function answerTo(request: number, document: object): Buffer {
  const body = BSON.serialize(document);
  const header = Buffer.alloc(21);
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(request, 8);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, body]);
}
