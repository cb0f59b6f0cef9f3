import { clientOf, ConnectionStringInvalid } from './connection.js';

const refused = (url: string): string => {
  try {
    clientOf(url);
  } catch (error) {
    if (error instanceof ConnectionStringInvalid) return error.message;
    throw error;
  }
  return 'taken';
};

describe('the address of an EventStoreDB', () => {
  test.each([
    'esdb://127.0.0.1:2113?tls=false',
    ' esdb://localhost:2113/?tls=false ',
    'esdb://one:2113,two:2113,three:2113?tls=false&nodePreference=leader',
    'esdb+discover://cluster.example?tls=false',
    'kurrentdb://127.0.0.1:2113?tls=false',
    'kurrentdb+discover://cluster.example?tls=false',
    'esdb://admin:changeit@127.0.0.1:2113',
    'esdb://127.0.0.1:2113?tls=false&keepAliveInterval=20000&KEEP_ALIVE_TIMEOUT=4000&connectionName=redress',
  ])('may be %s', (url) => {
    expect(refused(url)).toBe('taken');
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
  ])('is not %s', (url, why) => {
    expect(refused(url)).toMatch(why);
  });

  test('is reported without its password', () => {
    for (const url of [
      'esdb://admin:se%20cret@host:port',
      'esdb://admin:se%20cret@host?nonsense=1',
      'foo://admin:se%20cret@x',
      'esdb://admin:se/cret@host',
      'esdb://admin:se@cret@host:port',
      'esdb://admin:%cret@host',
    ])
      expect(refused(url)).toMatch(/^(?!.*cret).*\/\/…@/);
  });

  test('may name a user certificate instead of a password', () => {
    const files = `userCertFile=${__filename}&userKeyFile=${__filename}`;
    expect(refused(`esdb://127.0.0.1:2113?${files}`)).not.toMatch(/user:password/); // read, and no certificate
    expect(refused(`esdb://127.0.0.1:2113?userCertFile=${__filename}`)).toMatch(/userCertFile and userKeyFile/);
    expect(refused('esdb://127.0.0.1:2113?userCertFile=/none.crt&userKeyFile=/none.key')).toMatch(/File was not found/);
  });
});
