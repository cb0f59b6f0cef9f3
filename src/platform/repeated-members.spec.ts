import fc from 'fast-check';
import { examples } from '../../test/support/examples.js';

import { repeatedMembersIn } from './repeated-members.js';

const pointersIn = (text: string): string[] => repeatedMembersIn(text, JSON.parse(text)).map(({ pointer }) => pointer);

describe('repeated members', () => {
  test.each<[json: string, pointers: readonly string[]]>([
    ['{"channel":"phone","channel":"email"}', ['/channel']],
    ['{"a":1,"a":2,"a":3}', ['/a']],
    ['{"a":{"b":1,"b":2},"c":[{},{"d":1,"e":2,"d":3}]}', ['/a/b', '/c/1/d']],
    ['[{"a":1},{"a":1,"a":1}]', ['/1/a']],
    ['{"a":1,"\\u0061":2}', ['/a']],
    ['{"a/b~":1,"a/b~":2}', ['/a~1b~0']],
    ['{"__proto__":1,"__proto__":2}', ['/__proto__']],
    ['{"":1,"":2}', ['/']],
    ['{"a":{"x":1},"a":{"y":1,"y":2}}', ['/a', '/a/y']],
    ['{"a":"\\":\\\\","b":["c:d",":"],"e":{"a":"a"}}', []],
    ['{"a":1,"A":2}', []],
    ['":"', []],
    ['7', []],
  ])('%s', (json, pointers) => {
    expect(pointersIn(json)).toEqual(pointers);
  });

  test('JSON that was written from a value has none; an object with one more of its members has it', () => {
    const names = fc.constantFrom('a', 'b:', '"', '\\', '__proto__', '名', 'toString');
    const values = fc.dictionary(names, fc.jsonValue(), { minKeys: 1 });
    fc.assert(
      fc.property(values, fc.nat(), (value, pick) => {
        const text = JSON.stringify(value);
        const keys = Object.keys(value);
        const name = keys[pick % keys.length] ?? '';
        const repeated = `${text.slice(0, -1)},${JSON.stringify(name)}:null}`;
        expect(pointersIn(text)).toEqual([]);
        expect(pointersIn(repeated)).toEqual([`/${name}`]);
      }),
      examples(),
    );
  });
});
