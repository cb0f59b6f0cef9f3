import type { Duplex } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';

/** The connection string of the event store is invalid; the message gives the reason and hides the password. */
export class ConnectionStringInvalid extends Error {
  override readonly name = 'ConnectionStringInvalid';
  constructor(url: string, reason: string) {
    super(`the event store's address ${url.replace(/\/\/.*@/s, '//…@')} cannot be used: ${reason}`);
  }
}

/**
 * Names of the options that the client reads from a connection string. They are in lower case without `-` and `_`,
 * because the client compares them in this form.
 */
const OPTIONS = [
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'throwonappendfailure',
  'tls',
  'tlscafile',
  'tlsverifycert',
  'usercertfile',
  'userkeyfile',
];

/** Defaults in ms. With them, a frozen server is detected after 13 s; with the defaults of the client, after 20 s. */
const DEFAULTS = { keepaliveinterval: '10000', keepalivetimeout: '3000' };

/**
 * Creates a client for a connection string. Accepts `esdb://` and `esdb+discover://`, and replaces `kurrentdb://` and
 * `kurrentdb+discover://`, which the client does not know, with these. The client connects at its first call, and sends
 * its credentials only with TLS.
 * @throws ConnectionStringInvalid
 */
export function clientOf(url: string): EventStoreDBClient {
  const [, scheme, discover = '', rest = ''] = /^(esdb|kurrentdb)(\+discover)?:\/\/(.*)$/s.exec(url.trim()) ?? [];
  if (scheme === undefined)
    throw new ConnectionStringInvalid(url, 'it must begin with esdb://, esdb+discover:// or kurrentdb://');
  const options = optionsIn(url);
  if (options.get('throwonappendfailure') === 'false')
    throw new ConnectionStringInvalid(url, 'with throwOnAppendFailure=false the client reports wrong revisions');
  for (const name of ['keepaliveinterval', 'keepalivetimeout'])
    if (Number(options.get(name) ?? 1) <= 0)
      throw new ConnectionStringInvalid(url, `without keepalive a frozen server is not detected (${name})`);
  const isSecure = options.get('tls') !== 'false';
  const hasUser = hasCredentials(url, rest);
  const hasCertificate = options.has('usercertfile') && options.has('userkeyfile');
  if (isSecure && !hasCertificate && !hasUser)
    throw new ConnectionStringInvalid(
      url,
      'a connection with TLS needs user:password@, or userCertFile and userKeyFile (tls=false for one without TLS)',
    );
  return clientFor(url, `esdb${discover}://${rest}`, options);
}

function optionsIn(url: string): Map<string, string> {
  const options = new Map<string, string>();
  const [, query = ''] = /\?(.*)$/s.exec(url) ?? [];
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', value = ''] = pair.split('=', 2);
    const key = name.trim().toLowerCase().replace(/[_-]/g, '');
    if (!OPTIONS.includes(key)) throw new ConnectionStringInvalid(url, `it has no option ${JSON.stringify(name)}`);
    options.set(key, value.trim());
  }
  return options;
}

/**
 * True if the connection string has a user and a password where the client expects them: before the first `@`,
 * separated by a colon, percent-encoded. `rest` is the connection string without its scheme.
 */
function hasCredentials(url: string, rest: string): boolean {
  const [, ...credentials] = /^([^:/?]+):([^@/?]+)@/.exec(rest) ?? [];
  try {
    return credentials.map(decodeURIComponent).length === 2;
  } catch {
    throw new ConnectionStringInvalid(url, 'user and password must be percent-encoded: write % as %25');
  }
}

function clientFor(url: string, address: string, options: ReadonlyMap<string, string>): EventStoreDBClient {
  const withoutQuery = address.replace(/\/*(\?.*)?$/s, '');
  const all = { ...DEFAULTS, ...Object.fromEntries(options) };
  const query = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  try {
    return handleReconnectErrors(EventStoreDBClient.connectionString(`${withoutQuery}?${query.join('&')}`));
  } catch (error) {
    const expected = error instanceof Error && 'expected' in error ? ` (expected ${String(error.expected)})` : '';
    const reason = expected === '' && error instanceof Error ? error.message : 'the client cannot read it';
    throw new ConnectionStringInvalid(url, `${reason}${expected}`);
  }
}

/**
 * The client switches channels in a promise that it does not await. When discovery of the next node fails, that promise
 * rejects, which would end the process. The failed call itself reports the same error.
 */
function handleReconnectErrors(client: EventStoreDBClient): EventStoreDBClient {
  const internals = client as unknown as { handleError: (failed: unknown, error: Error) => Promise<void> };
  const reconnect = internals.handleError;
  internals.handleError = (failed, error) => reconnect(failed, error).catch(() => undefined);
  return client;
}

/**
 * Closes a client. The client cancels its calls and waits until each has ended. If the server has already ended a call,
 * the call ends in the client only after its remaining data is read, so this function reads that data.
 */
export async function disposeClient(client: EventStoreDBClient): Promise<void> {
  const calls = client['disposableStreams'] as ReadonlySet<Duplex>; // eslint-disable-line @typescript-eslint/dot-notation -- protected
  const disposed = client.dispose();
  for (const call of calls) call.resume();
  await disposed;
}
