import { acceptedLanguage } from './accepted-language.js';

describe('the language of an answer', () => {
  test.each([
    ['zh', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['zh-Hans-CN', 'zh'],
    ['ZH', 'zh'],
    ['en-GB,zh;q=0.5', 'en'],
    ['en;q=0.2, zh;q=0.8', 'zh'],
    ['fr-FR, zh;q=0.1', 'zh'],
    ['en;q=0, *', 'zh'],
  ])('is the one that `%s` prefers: %s', (header, language) => {
    expect(acceptedLanguage({ 'accept-language': header })).toBe(language);
  });

  test.each([['fr'], ['*'], [''], ['zh;q=0'], ['zhuang'], ['not a language;;q']])(
    'is English for `%s`, which names none of ours',
    (header) => {
      expect(acceptedLanguage({ 'accept-language': header })).toBe('en');
    },
  );

  test('is English without the header', () => {
    expect(acceptedLanguage({})).toBe('en');
  });
});
