import { rangesSql, type Range } from './filter-sql.js';
import { sql } from './statements.js';

const range = (operator: Range['operator'], bound: Range['bound']): Range => ({
  kind: 'range',
  path: 'x',
  operator,
  bound,
});

describe('ranges of one column have one lower and one upper bound', () => {
  test.each<[string, Range[], string, (string | number)[]]>([
    ['a lower bound', [range('$gt', 'b')], "(c > ?) AND (c < x'')", ['b']],
    ['an upper bound', [range('$lte', 'b')], "(c >= '') AND (c <= ?)", ['b']],
    ['both bounds', [range('$lt', 'd'), range('$gte', 'b')], '(c >= ?) AND (c < ?)', ['b', 'd']],
    [
      'several bounds, of which the tightest count',
      [range('$gte', ''), range('$lt', 'd'), range('$gt', 'b'), range('$lte', 'e')],
      '(c > ?) AND (c < ?)',
      ['b', 'd'],
    ],
    [
      'equal bounds, of which the strict one counts',
      [range('$gte', 'b'), range('$gt', 'b'), range('$gte', 'b')],
      "(c > ?) AND (c < x'')",
      ['b'],
    ],
    ['numbers, which are before all texts', [range('$gt', 10), range('$gte', 9)], "(c > ?) AND (c < '')", [10]],
    ['numbers up to a bound', [range('$lt', 10)], 'c < ?', [10]],
    // in UTF-16 the first character would come after the second
    [
      'characters in the order of code points',
      [range('$gte', '\ufb00'), range('$gte', '😀')],
      "(c >= ?) AND (c < x'')",
      ['😀'],
    ],
  ])('%s', (_, ranges, text, values) => {
    expect(rangesSql('c', ranges)).toEqual(sql(text, ...values));
  });
});
