import { createSecureServer } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback, portOf } from './ports.js';

/** A self-signed certificate for localhost and 127.0.0.1, for tests only; its key protects nothing. */
export const CERTIFICATE = `
-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUYyetntHw9UE4+Te8tcS3izv1p8cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODA4NTgwNVoYDzIxMjYxMTA0
MDg1ODA1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT6Gn7BDtwBLumzZ9gDhwK1X/RP/URFtT1NB2Me5ITXljS86jaQTOp1
TaMULtrPWxCBJXDN9mzCpTeCRvmmflMYo28wbTAdBgNVHQ4EFgQUoe5fu4Zgp6QJ
n+fLHfLxj/iW8V8wHwYDVR0jBBgwFoAUoe5fu4Zgp6QJn+fLHfLxj/iW8V8wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAJKqk5cVz7U0SjETsoXlATEcLgRftOdPPA4ByKGuIP0cAiEA
/XmFhW/JUTAEPLorCEWxSu6ZAHB+uSxrXbPDiV9t7TE=
-----END CERTIFICATE-----
`;

const KEY = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg09MRHuoMjK2p8LiE
Z1nWL1AqdJLyiz8Jf3MEdEGtY9ihRANCAAT6Gn7BDtwBLumzZ9gDhwK1X/RP/URF
tT1NB2Me5ITXljS86jaQTOp1TaMULtrPWxCBJXDN9mzCpTeCRvmmflMY
-----END PRIVATE KEY-----
`;

/** A server on loopback that Redress cannot use. */
export interface UnusableServer {
  readonly port: number;
  /** Stops the server and closes its connections. */
  close(): void;
}

/**
 * A server that speaks HTTP/2 over TLS with {@link CERTIFICATE} and answers every gRPC call with status 16
 * (UNAUTHENTICATED).
 */
export function startTlsServer(): Promise<UnusableServer> {
  const server = createSecureServer({ key: KEY.trim(), cert: CERTIFICATE.trim() });
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
  });
  server.on('sessionError', () => undefined);
  return start(server);
}

/** A server that accepts connections and never answers. */
export const startSilentServer = (): Promise<UnusableServer> => start(createServer());

async function start(server: Server): Promise<UnusableServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await listenOnLoopback(server);
  return {
    port: portOf(server),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
