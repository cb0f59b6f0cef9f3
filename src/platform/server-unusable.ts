/** Why a server cannot be used. */
export interface Diagnosis {
  /** The reason: a clause such as `nothing listens there`. */
  readonly what: string;
  /** What the operator should do: an imperative clause such as `start the server`. */
  readonly advice: string;
  /** True if the server may still be starting, so that a later attempt may succeed. */
  readonly mayComeUp: boolean;
}

/**
 * Explains an error to operators: its cause, in one sentence. undefined if the error does not come from a server, a disk
 * or a file. The sentence quotes neither events nor credentials, so that it may be logged.
 */
export type ExplainFailure = (error: unknown) => string | undefined;

/**
 * A server that the service needs cannot be used. The message is one sentence with the address, the reason and the
 * advice. It never contains the user or the password of the connection string.
 */
export class ServerUnusable extends Error {
  override readonly name = 'ServerUnusable';
  readonly mayComeUp: boolean;

  constructor(server: Server, diagnosis: Diagnosis, options?: ErrorOptions) {
    super(unusableMessage(server, diagnosis), options);
    this.mayComeUp = diagnosis.mayComeUp;
  }
}

/** One sentence with the server, its address without user and password, its setting, the reason and the advice. */
export const unusableMessage = ({ name, setting, url }: Server, { what, advice }: Diagnosis): string =>
  oneLine(`${name} at ${serverAddress(url)} (${setting}) cannot be used because ${what}: ${advice}`);

export interface Server {
  /** Name for the message, such as `the event store`. */
  readonly name: string;
  /** Name of the environment variable for the connection string. */
  readonly setting: string;
  /** The connection string. */
  readonly url: string;
}

/** The scheme and the hosts of a connection string; without user, password, path and options. */
export const serverAddress = (url: string): string => {
  const [, scheme = '', rest = ''] = /^\s*([^:]*:\/\/)?(.*)$/s.exec(url) ?? [];
  return (
    scheme +
    rest
      .slice(rest.lastIndexOf('@') + 1)
      .replace(/[/?].*$/s, '')
      .trim()
  );
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The diagnosis for an address that cannot be used; `reason` must not contain the user or the password. */
export const invalidAddress = (reason: string): Diagnosis => ({
  what: `the address is not valid (${reason})`,
  advice: 'correct the address',
  mayComeUp: false,
});

/** `message`: that of the error, which names the file. */
export const unreadableFile = (message: string): string => `a file that it names cannot be read: ${message}`;

/** Patterns for the errors of Node, OpenSSL and gRPC when a connection cannot be established, and their diagnoses. */
const CONNECTION_FAILURES: readonly (readonly [RegExp, Diagnosis])[] = [
  [
    /wrong version number|packet length too long|EPROTO/i,
    {
      what: 'the server does not use TLS but the address asks for it',
      advice: 'add tls=false to the address, or turn on TLS at the server',
      mayComeUp: false,
    },
  ],
  [
    /ECONNREFUSED/,
    { what: 'nothing listens there', advice: 'start the server, or correct the address', mayComeUp: true },
  ],
  [
    /ENOTFOUND|EAI_AGAIN|Name resolution failed/,
    { what: 'the name of the host is unknown', advice: 'start the host, or correct the address', mayComeUp: true },
  ],
  [
    /EHOSTUNREACH|ENETUNREACH/,
    {
      what: 'the network has no route to the server',
      advice: 'connect the network, or correct the address',
      mayComeUp: true,
    },
  ],
  [
    /Failed to connect|ECONNRESET|Protocol error|socket hang up|connection .*closed/i,
    {
      what: 'the server closes the connection',
      advice: 'if the server uses TLS, remove tls=false from the address or add tls=true',
      mayComeUp: true,
    },
  ],
];

/** Diagnoses an error message about a connection that was not established; undefined for any other message. */
export function diagnoseConnection(message: string): Diagnosis | undefined {
  const certificate = /[^:.;]*\bcertificate\b[^:.;]*/i.exec(message)?.[0].trim();
  if (certificate !== undefined)
    return {
      what: `the certificate of the server is not trusted (${certificate})`,
      advice: 'add tlsCAFile=PATH with the certificate of its authority to the address, or replace the certificate',
      mayComeUp: false,
    };
  return CONNECTION_FAILURES.find(([pattern]) => pattern.test(message))?.[1];
}

/**
 * The diagnosis for a server that does not answer; it may still be starting. `message`: that of the error, or empty.
 */
export const noAnswer = (message: string, advice: string): Diagnosis => ({
  what: `it does not answer${message === '' ? '' : ` (${message})`}`,
  advice,
  mayComeUp: true,
});
