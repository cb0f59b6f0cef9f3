import fc from 'fast-check';
import { examples } from '../../test/support/examples.js';
import {
  emailForm,
  looksLikePhone,
  mentionsPhone,
  numberForm,
  phoneForm,
  recordedEmailForms,
  recordedPhoneForms,
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

  const LANDLINE = '+861012345678';
  const MOBILE = '+8613912345678';
  const SECOND = '+8613812345678';
  test.each([
    ['010-1234 5678 / 139 1234 5678', [LANDLINE, MOBILE]],
    ['010-1234 5678/139 1234 5678', [LANDLINE, MOBILE]],
    ['13912345678 (wife)', [MOBILE]],
    ['13912345678（妻子）', [MOBILE]],
    ['wife: 139 1234 5678', [MOBILE]],
    ['手机13912345678，座机010-12345678', [LANDLINE, MOBILE]],
    ['13912345678, 13812345678', [MOBILE, SECOND]],
    ['13912345678、13812345678', [MOBILE, SECOND]],
    ['13912345678 13812345678', [MOBILE, SECOND]],
    ['13912345678或13812345678', [MOBILE, SECOND]],
    ['13912345678-13812345678', [MOBILE, SECOND]],
    ['１３９１２３４５６７８；１３８１２３４５６７８', [MOBILE, SECOND]],
    ['+86 139 1234 5678; +44 20 7946 0018', [MOBILE, '+442079460018']],
    ['0086 10 1234 5678 / 13912345678', [LANDLINE, MOBILE]],
    ['010-12345678 ext. 8012 or 13912345678', [LANDLINE, MOBILE]],
  ])('in a contact with more than a number is indexed: %s', (text, numbers) => {
    expect(recordedPhoneForms(text, 'CN')).toEqual(expect.arrayContaining(numbers));
    // the text as it was recorded is found too
    expect(recordedPhoneForms(text, 'CN')).toContain(phoneForm(text, 'CN'));
    expect(recordedPhoneForms(text, 'CN').length).toBeLessThanOrEqual(numbers.length + 1);
  });

  test.each([
    ['010 5555 0100', true],
    ['13912345678 (wife)', true],
    ['手机13912345678', true],
    ['wechat: 139 1234 5678', true],
    ['wx_13912345678', false],
    ['ann1991@example.org', false],
    ['order 12345', false],
    ['a13912345678', false],
  ])('beside other words is noticed: %s', (text, expected) => {
    expect(mentionsPhone(text)).toBe(expected);
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

describe('an e-mail address in a contact', () => {
  test.each([
    ['ann@example.org', ['ann@example.org']],
    ['Ann@Example.org, bob@example.org', ['ann@example.org', 'bob@example.org']],
    ['ann@example.org；bob@example.org', ['ann@example.org', 'bob@example.org']],
    ['ann@example.org (work)', ['ann@example.org']],
    ['工作：ann@example.org、家：bob@example.org', ['ann@example.org', 'bob@example.org']],
    ['Ann Lee <ann@example.org>', ['ann@example.org']],
    ['ann @ example.org', ['ann@example.org']],
    ["o'brien@example.org", ["o'brien@example.org"]],
  ])('is indexed: %s', (text, addresses) => {
    expect(recordedEmailForms(text)).toEqual(expect.arrayContaining(addresses));
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
