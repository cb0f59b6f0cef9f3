import { connectionTo, ConnectionStringInvalid } from './connection.js';

const refused = (url: string): string => {
  try {
    connectionTo(url);
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
    ])
      expect(refused(url)).toMatch(/^(?!.*cret).*\/\/…@/);
  });

  test('gives the credentials that select the append path', () => {
    expect(connectionTo('esdb://ad%40min:change%3Ait@127.0.0.1:2113').credentials).toEqual({
      username: 'ad@min',
      password: 'change:it',
    });
    expect(connectionTo('esdb://127.0.0.1:2113?tls=false').credentials).toEqual({
      username: 'nobody',
      password: 'nobody',
    });
  });
});
