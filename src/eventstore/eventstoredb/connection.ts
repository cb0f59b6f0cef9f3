import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import { unreadableFile } from '../../platform/server-unusable.js';

/** The connection string of the event store is invalid; the message gives the reason and hides the password. */
export class ConnectionStringInvalid extends Error {
  override readonly name = 'ConnectionStringInvalid';
  constructor(
    url: string,
    readonly reason: string,
  ) {
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
  checkEncoding(url, rest);
  const options = optionsIn(url);
  if (options.get('throwonappendfailure') === 'false')
    throw new ConnectionStringInvalid(url, 'with throwOnAppendFailure=false the client reports wrong revisions');
  for (const name of ['keepaliveinterval', 'keepalivetimeout'])
    if (Number(options.get(name) ?? 1) <= 0)
      throw new ConnectionStringInvalid(url, `without keepalive a frozen server is not detected (${name})`);
  for (const name of ['tlscafile', 'usercertfile', 'userkeyfile']) checkReadable(url, options.get(name));
  const isSecure = options.get('tls') !== 'false';
  const hasUser = hasCredentials(rest);
  const hasCertificate = options.has('usercertfile') && options.has('userkeyfile');
  if (isSecure && !hasCertificate && !hasUser)
    throw new ConnectionStringInvalid(
      url,
      'a connection with TLS needs user:password@, or userCertFile and userKeyFile (tls=false for one without TLS)',
    );
  return clientFor(url, `esdb${discover}://${rest}`, options);
}

/** The options of a connection string; their names are in lower case without `-` and `_`. @throws ConnectionStringInvalid */
export function optionsIn(url: string): Map<string, string> {
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

function checkReadable(url: string, file: string | undefined): void {
  if (file === undefined) return;
  try {
    readFileSync(decodeURIComponent(file)); // the client decodes it too
  } catch (error) {
    throw new ConnectionStringInvalid(url, unreadableFile((error as Error).message));
  }
}

const CREDENTIALS = /^([^:/?]+):([^@/?]+)@/;

/**
 * True if the connection string has a user and a password where the client expects them: before the first `@`,
 * separated by a colon. `rest` is the connection string without its scheme.
 */
const hasCredentials = (rest: string): boolean => CREDENTIALS.test(rest);

/** Rejects a user or a password with a character that ends it too early, so that the client would use another host. */
function checkEncoding(url: string, rest: string): void {
  const [authority = ''] = /^[^/?]*/.exec(rest) ?? [];
  const hasTwoAts = /@.*@/s.test(authority);
  // a host with a port that is no number is the beginning of a password if an @ follows
  const endsInPassword = /^[^@[:]*:\D[^@]*$/s.test(authority) && rest.includes('@');
  const [, ...credentials] = CREDENTIALS.exec(rest) ?? [];
  if (hasTwoAts || endsInPassword || !credentials.every(isPercentEncoded))
    throw new ConnectionStringInvalid(
      url,
      'user and password must be percent-encoded: write % as %25, : as %3A, @ as %40, / as %2F and ? as %3F',
    );
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
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
