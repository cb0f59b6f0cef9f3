import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Keys } from '../access/keys.js';
import { PROOF_PATH } from '../api/proof.controller.js';

const PROOF_TIMEOUT_MS = 5000;

/** More than the headers and the body of a proof. */
const MAX_PROOF_CHARACTERS = 16_384;

/** Whatever listens at the address is not the service of this data folder, or does not answer. */
export class ServiceNotProven extends Error {
  override readonly name = 'ServiceNotProven';
}

/**
 * Connections to the service of a data folder. Another user of the machine may listen at its address after it has ended.
 * Therefore each connection begins with a challenge that only a process with the keys of the folder can answer, and no
 * request, key or file is sent on another connection. The answer includes the address, so that it cannot be relayed from a
 * service at another address.
 */
export class ProvenConnections extends Agent {
  constructor(
    private readonly url: string,
    private readonly keys: Keys,
  ) {
    super({ keepAlive: true });
  }

  override createConnection(
    _options: ClientRequestArgs,
    done?: (error: Error | null, connection: Duplex) => void,
  ): undefined {
    const { hostname, port } = new URL(this.url);
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
    this.prove(socket).then(
      () => done?.(null, socket),
      (error: unknown) => {
        socket.destroy();
        done?.(error as Error, socket);
      },
    );
  }

  private async prove(socket: Socket): Promise<void> {
    const nonce = randomBytes(32).toString('hex');
    socket.write(`GET /${PROOF_PATH}?nonce=${nonce} HTTP/1.1\r\nHost: ${new URL(this.url).host}\r\n\r\n`);
    const proof = Buffer.from(await receivedProof(socket, this.url));
    if (!timingSafeEqual(proof, Buffer.from(this.keys.proofFor(this.url, nonce))))
      throw new ServiceNotProven(`${this.url} is not the service of this data folder`);
  }
}

/** The proof in the answer: 64 hexadecimal digits. @throws ServiceNotProven */
function receivedProof(socket: Socket, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const fail = (): void => {
      end();
      reject(new ServiceNotProven(`${url} does not answer as the service of this data folder`));
    };
    const receive = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const proof = /^HTTP\/1\.1 200 .*?\r\n\r\n\{"proof":"([0-9a-f]{64})"\}$/s.exec(answer)?.[1];
      if (proof !== undefined) {
        end();
        resolve(proof);
      } else if (answer.length > MAX_PROOF_CHARACTERS) fail();
    };
    const timer = setTimeout(fail, PROOF_TIMEOUT_MS);
    const end = (): void => {
      clearTimeout(timer);
      socket.off('data', receive).off('close', fail);
    };
    // the listener for errors stays: the requests on this connection report their own
    socket
      .on('data', receive)
      .on('close', fail)
      .on('error', () => undefined);
  });
}
