import { clientOf, ConnectionStringInvalid } from './connection.js';

/** The message with which the connection string is rejected, or 'accepted'. */
const outcomeOf = (url: string): string => {
  try {
    clientOf(url);
  } catch (error) {
    if (error instanceof ConnectionStringInvalid) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('the connection string of an EventStoreDB', () => {
  test.each([
    'esdb://127.0.0.1:2113?tls=false',
    ' esdb://localhost:2113/?tls=false ',
    'esdb://one:2113,two:2113,three:2113?tls=false&nodePreference=leader',
    'esdb+discover://cluster.example?tls=false',
    'kurrentdb://127.0.0.1:2113?tls=false',
    'kurrentdb+discover://cluster.example?tls=false',
    'esdb://admin:changeit@127.0.0.1:2113',
    'esdb://admin:change%40it@127.0.0.1:2113?connectionName=redress@one',
    'esdb://127.0.0.1:2113?tls=false&keepAliveInterval=20000&KEEP_ALIVE_TIMEOUT=4000&connectionName=redress',
  ])('%s is accepted', (url) => {
    expect(outcomeOf(url)).toBe('accepted');
  });

  test.each([
    ['sqlite:events.db', /must begin with esdb:\/\//],
    ['mongodb://127.0.0.1', /must begin with esdb:\/\//],
    ['esdb://', /cannot be used/],
    ['esdb://127.0.0.1:port?tls=false', /expected port number/],
    ['esdb://127.0.0.1?tls=maybe&connectionName=x', /user:password/],
    ['esdb://127.0.0.1:2113', /needs user:password@/],
    ['esdb://127.0.0.1?tls=false&keepAlive=3', /no option "keepAlive"/],
    ['esdb://127.0.0.1?tls=false&keepAliveInterval=-1', /frozen server is not detected/],
    ['esdb://127.0.0.1?tls=false&throwOnAppendFailure=false', /wrong revisions/],
    ['esdb://127.0.0.1?tls=false&keepAliveTimeout=soon', /Integer/],
    ['esdb://admin:change@it@127.0.0.1:2113', /must be percent-encoded: .* @ as %40/],
    ['esdb://admin:change@it@127.0.0.1:2113?tls=false', /must be percent-encoded: .* @ as %40/],
    ['esdb://admin:change/it@127.0.0.1:2113?tls=false', /must be percent-encoded: .* \/ as %2F/],
    ['esdb://admin:change%it@127.0.0.1:2113', /must be percent-encoded: write % as %25/],
  ])('%s is rejected with the reason %s', (url, reason) => {
    expect(outcomeOf(url)).toMatch(reason);
  });

  test('an error message hides the password', () => {
    for (const url of [
      'esdb://admin:se%20cret@host:port',
      'esdb://admin:se%20cret@host?nonsense=1',
      'foo://admin:se%20cret@x',
      'esdb://admin:se/cret@host',
      'esdb://admin:se@cret@host:port',
      'esdb://admin:%cret@host',
      'esdb://admin:se?cret=1@host',
    ])
      expect(outcomeOf(url)).toMatch(/^(?!.*cret).*\/\/…@/);
  });

  test('a user certificate replaces the password if both of its files are given', () => {
    const files = `userCertFile=${__filename}&userKeyFile=${__filename}`;
    // This file is not a certificate, so another error follows.
    expect(outcomeOf(`esdb://127.0.0.1:2113?${files}`)).not.toMatch(/user:password/);
    expect(outcomeOf(`esdb://127.0.0.1:2113?userCertFile=${__filename}`)).toMatch(/userCertFile and userKeyFile/);
  });

  test.each(['tlsCAFile=/none.crt', 'tlsCaFile=/none.crt', 'userCertFile=/none.crt&userKeyFile=/none.key'])(
    'a file that cannot be read is named: %s',
    (files) => {
      expect(outcomeOf(`esdb://admin:changeit@127.0.0.1:2113?${files}`)).toMatch(
        /a file that it names cannot be read: ENOENT: .* '\/none\.crt'$/,
      );
    },
  );
});
