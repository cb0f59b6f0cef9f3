/** What keeps a server from being used. */
export interface Diagnosis {
  /** A clause such as `nothing listens there`. */
  readonly what: string;
  /** What the operator does about it: an imperative clause. */
  readonly advice: string;
  /** True if the server may only be late, so that a later attempt may succeed. */
  readonly mayComeUp: boolean;
}

/**
 * A server that Redress needs cannot be used. The message is one sentence: what happened, at which address, and what to
 * do. It never contains the user or the password.
 */
export class ServerUnusable extends Error {
  override readonly name = 'ServerUnusable';
  readonly mayComeUp: boolean;

  constructor({ name, setting, url }: Server, { what, advice, mayComeUp }: Diagnosis, options?: ErrorOptions) {
    super(oneLine(`${name} at ${serverAddress(url)} (${setting}) cannot be used because ${what}: ${advice}`), options);
    this.mayComeUp = mayComeUp;
  }
}

export interface Server {
  /** Such as `the event store`. */
  readonly name: string;
  /** The environment variable that has its address. */
  readonly setting: string;
  /** The connection string. */
  readonly url: string;
}

/** Scheme and hosts of a connection string, without user, password, path and options. */
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

/** The texts of Node, OpenSSL and gRPC for a connection that was not established, and what they mean. */
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
    { what: 'the network has no route to it', advice: 'connect the network, or correct the address', mayComeUp: true },
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

/** What the text of an error says about a connection that was not established; undefined if it is another error. */
export function diagnoseConnection(message: string): Diagnosis | undefined {
  const certificate = /[^:.;]*\bcertificate\b[^:.;]*/i.exec(message)?.[0].trim();
  if (certificate !== undefined)
    return {
      what: `the certificate of the server is not trusted (${certificate})`,
      advice: 'add tlsCAFile=PATH with the certificate of its authority to the address, or replace the certificate',
      mayComeUp: false,
    };
  return CONNECTION_FAILURES.find(([texts]) => texts.test(message))?.[1];
}

/** The server may be late; `message` is what an error says about it, or empty. */
export const noAnswer = (message: string, advice: string): Diagnosis => ({
  what: `it does not answer${message === '' ? '' : ` (${message})`}`,
  advice,
  mayComeUp: true,
});
