import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { listenOnLoopback, portOf } from './ports.js';

export interface TlsFrontOptions {
  /** Files in PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Port on loopback of the server without TLS. */
  readonly target: number;
  /** Answers clients that do not choose HTTP/2; without it, all are forwarded. */
  readonly http?: RequestListener;
  /** Called for each forwarded client; the returned function is called with the decrypted bytes that the client sends. */
  readonly onClient?: () => (bytes: Buffer) => void;
}

/** A proxy that adds TLS to a server without TLS. */
export class TlsFront {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly options: TlsFrontOptions,
  ) {
    const http = options.http === undefined ? undefined : createServer(options.http);
    server.on('tlsClientError', () => undefined);
    server.on('secureConnection', (client) => {
      this.track(client);
      if (http === undefined || client.alpnProtocol === 'h2') this.forward(client);
      else http.emit('connection', client);
    });
  }

  static async start(options: TlsFrontOptions): Promise<TlsFront> {
    const { certificate, key, http } = options;
    const server = createTlsServer({
      cert: readFileSync(certificate),
      key: readFileSync(key),
      ...(http !== undefined && { ALPNProtocols: ['h2', 'http/1.1'] }),
    });
    const front = new TlsFront(server, options);
    await listenOnLoopback(server);
    return front;
  }

  get port(): number {
    return portOf(this.server);
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private forward(client: Socket): void {
    const { target, onClient } = this.options;
    const server = connect(target, '127.0.0.1');
    this.track(server);
    if (onClient !== undefined) client.on('data', onClient());
    client.pipe(server).pipe(client);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  }
}
