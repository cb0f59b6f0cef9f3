import { createServer, type AddressInfo, type Server } from 'node:net';

/** Starts a server on a free port of the loopback address, and waits until it listens. */
export const listenOnLoopback = (server: Server): Promise<void> =>
  new Promise((listening) => server.listen(0, '127.0.0.1', listening));

/** The port of a server that listens. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A port of the loopback address on which no process listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await listenOnLoopback(server);
  const port = portOf(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

const PORT = /:(\d+)(?=[/?]|$)/;

/** The port in a URL of a server. */
export const portIn = (url: string): number => Number(PORT.exec(url)?.[1]);

/** The URL with another port. */
export const withPort = (url: string, port: number): string => url.replace(PORT, `:${String(port)}`);
