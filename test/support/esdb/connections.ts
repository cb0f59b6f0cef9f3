import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The listening socket and its connections, separate from the gRPC server so that a fault can break them. */
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

  /** Listens on the loopback interface and returns the port. With port 0, the operating system chooses the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Resets every connection and returns their number. */
  reset(): number {
    const sockets = [...this.#sockets];
    for (const socket of sockets) socket.resetAndDestroy();
    return sockets.length;
  }

  /** Stops listening and closes every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}
