import fc from 'fast-check';
import { examples } from '../../test/support/examples.js';
import {
  emailForm,
  looksLikePhone,
  numberForm,
  phoneForm,
  recordedNameForms,
  searchedNameForms,
} from './normal-forms.js';

describe('a phone number', () => {
  test.each([
    '+86 10 5555 0100',
    '+861055550100',
    '0086 10 5555 0100',
    '(0086) 10-5555-0100',
    '86-10-5555-0100',
    '010 5555 0100',
    '(010)55550100',
    '010-5555-0100',
    '010—5555—0100',
    '010.5555.0100',
    '０１０ ５５５５ ０１００',
    '＋８６ １０ ５５５５ ０１００',
    ' \u200b+86\u00a010 5555\u20090100 ',
    '+86 (0)10 5555 0100',
    '010-55550100转8012',
    '010-55550100 分机 8012',
    '+86 10 5555 0100 ext. 8012',
    'tel:+86-10-5555-0100',
  ])('of Beijing that is written as %j has one form', (text) => {
    expect(phoneForm(text, 'CN')).toBe('+861055550100');
  });

  test.each([
    ['CN', '138 0013 8000', '+8613800138000'],
    ['CN', '0138 0013 8000', '+8613800138000'],
    ['CN', '8613800138000', '+8613800138000'],
    ['GB', '020 7946 0018', '+442079460018'],
    ['CN', '+44 (0)20 7946 0018', '+442079460018'],
    ['US', '(212) 555-0100', '+12125550100'],
    ['US', '1-212-555-0100', '+12125550100'],
    ['US', '0086 10 5555 0100', '+861055550100'],
    ['CN', '+39 06 1234567', '+39061234567'], // in Italy the zero belongs to the number
    ['CN', '400-820-8820', '+864008208820'],
  ])('in the region %s: %s has the form %s', (region, text, form) => {
    expect(phoneForm(text, region)).toBe(form);
  });

  test('that no region knows is its digits; a text without digits is none', () => {
    expect(phoneForm('5', 'CN')).toBe('5');
    expect(phoneForm('---', 'CN')).toBeUndefined();
    expect(phoneForm('unknown', 'CN')).toBeUndefined();
  });

  test.each(['+86 10 5555 0100', '010-5555-0100', '１３８００１３８０００', '010-55550100转12', '(212) 555-0100 x12'])(
    'looks like %j',
    (text) => {
      expect(looksLikePhone(text)).toBe(true);
    },
  );

  test.each(['1234', 'wx_13800138000', 'ann@example.org', '12 High Street', '王芳'])(
    'does not look like %j',
    (text) => {
      expect(looksLikePhone(text)).toBe(false);
    },
  );
});

describe('an e-mail address', () => {
  test.each([
    'ann.lee@example.org',
    'Ann.Lee@Example.ORG',
    'ＡＮＮ．ＬＥＥ＠ＥＸＡＭＰＬＥ．ＯＲＧ',
    ' ann.lee @ example.org ',
    'mailto:ann.lee@example.org',
    'Ann Lee <ann.lee@example.org>',
    'ann.lee@exam\u00adple.org',
    'ann.lee@example。org',
  ])('that is written as %j has one form', (text) => {
    expect(emailForm(text)).toBe('ann.lee@example.org');
  });

  test('of a domain with letters of its own has the name in the DNS', () => {
    expect(emailForm('王芳@例子.中国')).toBe('王芳@xn--fsqu00a.xn--fiqs8s');
    expect(emailForm('王芳@xn--fsqu00a.xn--fiqs8s')).toBe('王芳@xn--fsqu00a.xn--fiqs8s');
  });

  test('keeps dots and tags, which may make another address', () => {
    expect(emailForm('a.nn+shop@example.org')).toBe('a.nn+shop@example.org');
  });

  test.each(['ann', '@example.org', 'ann@', '@'])('is not %j', (text) => {
    expect(emailForm(text)).toBeUndefined();
  });
});

describe('an account or order number', () => {
  test.each([
    'SO-2041-7',
    'so 2041 7',
    'ＳＯ－２０４１－７',
    'SO–2041—7',
    'SO\u22122041\u22127',
    '#SO20417',
    'so2041\u200b7',
  ])('that is written as %j has one form', (text) => {
    expect(numberForm(text)).toBe('so20417');
  });

  test('keeps zeros in front and other marks', () => {
    expect(numberForm('000-42')).toBe('00042');
    expect(numberForm('2026/11_42.a')).toBe('2026/11_42.a');
    expect(numberForm('订单 88-1')).toBe('订单881');
    expect(numberForm('@Wang_Fang')).toBe('wang_fang');
  });

  test.each(['-', ' # ', '\u200b'])('is not %j', (text) => {
    expect(numberForm(text)).toBeUndefined();
  });
});

describe('a name', () => {
  test.each([
    ['Ann Lee', ['ann', 'lee', 'ann lee']],
    ['LEE, Ann', ['lee', 'ann', 'ann lee']],
    ['ＡＮＮ　ＬＥＥ', ['ann', 'lee', 'ann lee']],
    ["Sean O'Brien", ['sean', 'obrien', 'obrien sean']],
    ['Sean O’Brien', ['sean', 'obrien', 'obrien sean']],
    ['José García', ['jose', 'garcia', 'garcia jose']],
    ['Jose\u0301 GARCI\u0301A', ['jose', 'garcia', 'garcia jose']],
    ['Groß', ['gross']],
    ['İlker', ['ilker']],
    ['Anna-Maria Weiß', ['anna', 'maria', 'weiss', 'anna maria', 'anna weiss', 'maria weiss']],
    ['Пётр', ['пётр']],
    ['王芳', ['王芳']],
    ['王 芳', ['王芳']],
    ['王小明', ['王小', '小明', '王小明']],
    ['欧阳小明', ['欧阳', '阳小', '小明', '欧阳小', '阳小明', '欧阳小明']],
    ['欧阳·小明', ['欧阳', '阳小', '小明', '欧阳小', '阳小明', '欧阳小明']],
    ['王', ['王']],
    ['김 민수', ['김민', '민수', '김민수']],
    ['王芳 (Fang Wang)', ['fang', 'wang', 'fang wang', '王芳']],
    ['…', []],
  ])('%j is recorded with the forms %j', (name, forms) => {
    expect(recordedNameForms(name).sort()).toEqual(forms.sort());
  });

  test.each([
    ['lee', ['lee']],
    ['Lee Ann', ['ann lee']],
    ['Maria Weiß', ['maria weiss']],
    ['mary ann lee', ['ann mary', 'lee mary', 'ann lee']],
    ['小明', ['小明']],
    ['王小明', ['王小明']],
    ['阿卜杜拉·买买提', ['阿卜杜拉', '卜杜拉买', '杜拉买买', '拉买买提']],
    ['王芳 fang', ['fang', '王芳']],
    ['!!!', []],
  ])('%j is searched by the forms %j', (name, forms) => {
    expect(searchedNameForms(name).sort()).toEqual(forms.sort());
  });

  test('is found by itself, by each of its words, and in any case, width and order of words', () => {
    const word = fc.constantFrom(
      'Ann',
      'LEE',
      'josé',
      "O'Brien",
      'Weiß',
      'Пётр',
      '王芳',
      '欧阳小明',
      '买买提',
      '김민수',
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(' ', ', ', '　', '·'),
        (words, space) => {
          const recorded = new Set(recordedNameForms(words.join(space)));
          const spellings = [
            ...words,
            words.join(' '),
            words
              .toReversed()
              .filter((text) => !/\p{Lo}/u.test(text))
              .join(' '),
            words.join(space).toUpperCase(),
            words.join(space).normalize('NFD'),
          ].filter((text) => text !== '');
          for (const spelling of spellings)
            expect(searchedNameForms(spelling).filter((form) => !recorded.has(form))).toEqual([]);
        },
      ),
      examples(),
    );
  });

  test('with very many words has a limited number of forms', () => {
    const name = Array.from({ length: 100 }, (_, index) => `w${String(index)}`).join(' ');
    expect(recordedNameForms(name)).toHaveLength(12 + (12 * 11) / 2);
    expect(searchedNameForms(name)).toHaveLength((12 * 11) / 2);
  });
});
