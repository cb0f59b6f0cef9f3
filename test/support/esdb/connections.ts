import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The listening socket and its connections, kept apart from gRPC so that they can be broken. */
export class Connections {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(accept: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      accept(socket);
    });
  }

  /** Listens on the loopback interface and gives the port; 0 lets the system choose. */
  listen(port: number): Promise<number> {
    return new Promise((listening, failed) => {
      this.#server.once('error', failed);
      this.#server.listen(port, '127.0.0.1', () => {
        listening((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Destroys every connection and says how many there were. */
  reset(): number {
    const sockets = [...this.#sockets];
    for (const socket of sockets) socket.resetAndDestroy();
    return sockets.length;
  }

  close(): Promise<void> {
    return new Promise((closed) => {
      this.#server.close(() => {
        closed();
      });
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}
