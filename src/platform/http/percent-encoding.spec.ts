import { Problem } from './problem.js';
import { requireUtf8Query } from './percent-encoding.js';

/** The pointers of the problem; none if the query is accepted. */
function pointersOf(url: string): (string | undefined)[] {
  try {
    requireUtf8Query(url);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect([error.status, error.code]).toEqual([400, 'invalid_utf8']);
    return (error.extensions.errors ?? []).map(({ pointer }) => pointer);
  }
}

test.each<[url: string, pointers: readonly string[]]>([
  ['/v1/queue', []],
  ['/v1/queue?source=a+b&product=%E8%8F%9C', []],
  ['/v1/queue?', []],
  ['/v1/queue?source', []],
  ['/v1/queue?source=%ff', ['/source']],
  ['/v1/queue?source=%C3%28', ['/source']],
  ['/v1/queue?source=%ED%A0%BD', ['/source']], // half of a surrogate pair
  ['/v1/queue?source=%C0%AF', ['/source']], // an overlong form
  ['/v1/queue?source=100%', ['/source']],
  ['/v1/queue?source=%zz&product=%ff&source=%fe', ['/source', '/product']],
  ['/v1/queue?product=a=%ff', ['/product']],
  ['/v1/queue?%ff=a', ['/%ff']],
  ['/v1/queue?%E8%8F%9C=%ff', ['/菜']],
])('%s', (url, pointers) => {
  expect(pointersOf(url)).toEqual(pointers);
});
