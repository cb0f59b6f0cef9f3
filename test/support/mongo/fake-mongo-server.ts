import { createServer, type Server, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';
import { listenOnLoopback, portOf } from '../network/ports.js';
import { commandOf, HEADER_BYTES, nameOf, OP_MSG } from './wire.js';

/** In bytes: more than the buffers of a socket hold, so that the client waits until the server reads. */
const LARGE = 4 * 1024 * 1024;

/**
 * A server that speaks enough of MongoDB's protocol for the driver to connect. It responds with `{ok: 1}` to every
 * command, and with no documents to a query, unless a test makes it respond with an error or not at all. It always
 * answers the handshake and the heartbeat.
 */
export class FakeMongoServer {
  /** Whether the server responds to a command of this name. */
  responds: (command: string) => boolean = () => true;
  /** Code of the error with which the server responds to a command; undefined: success. */
  errorCode: (command: Document) => number | undefined = () => undefined;
  /** What the server does with a command of more than 4 MiB: stops reading, or closes its side while the client sends. */
  largeCommand: 'stop-reading' | 'close' = 'stop-reading';
  /** Names of the commands that the server received, except handshakes and heartbeats. */
  readonly received: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.accept(socket);
    });
  }

  static async start(): Promise<FakeMongoServer> {
    const server = createServer({ allowHalfOpen: true });
    await listenOnLoopback(server);
    return new FakeMongoServer(server);
  }

  /** @param options query part of the connection string, e.g. `tls=true` */
  url(options = ''): string {
    return `mongodb://127.0.0.1:${String(portOf(this.server))}/views?${options}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    let buffered = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      buffered = Buffer.concat([buffered, bytes]);
      while (buffered.length >= HEADER_BYTES) {
        const length = buffered.readInt32LE(0);
        if (length > LARGE) {
          socket.off('data', onData).pause();
          if (this.largeCommand === 'close') closeWhileClientSends(socket);
          return;
        }
        if (buffered.length < length) return;
        this.handle(socket, buffered.subarray(0, length));
        buffered = buffered.subarray(length);
      }
    };
    socket.on('data', onData).on('end', () => socket.end());
  }

  private handle(socket: Socket, message: Buffer): void {
    const command = commandOf(message);
    const name = nameOf(command);
    const isHandshake = /^(hello|isMaster)$/i.test(name);
    if (!isHandshake) this.received.push(name);
    if (!isHandshake && !this.responds(name)) return;
    const code = this.errorCode(command);
    const response =
      code === undefined ? { ok: 1, ...(name === 'find' && NO_DOCUMENTS) } : { ok: 0, code, errmsg: 'refused' };
    socket.write(encodeResponse(message.readInt32LE(4), isHandshake ? HANDSHAKE_RESPONSE : response));
  }
}

/** Closes the server's side first and reads the data later, so that the client sees the end while it still sends. */
function closeWhileClientSends(socket: Socket): void {
  socket.end();
  setTimeout(() => socket.resume(), 100); // milliseconds
}

/** The result of every query. */
const NO_DOCUMENTS = { cursor: { id: BSON.Long.ZERO, ns: 'redress.empty', firstBatch: [] } };

const HANDSHAKE_RESPONSE = {
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
  ok: 1,
};

/** @param requestId id of the request that is answered */
function encodeResponse(requestId: number, document: object): Buffer {
  const body = BSON.serialize(document);
  const header = Buffer.alloc(HEADER_BYTES + 5); // with flags and the kind of the section, all zero
  header.writeInt32LE(header.length + body.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, body]);
}
