import '../../app/app.module.js'; // defines every enumeration
import { enumerations } from '../../platform/enumerations.js';
import { LANGUAGES } from '../../platform/language.js';
import { codeLists } from './code-lists.js';
import { labelOf, WITHOUT_LABELS } from './labels.js';

const HAN = /\p{Script=Han}/u;

test('every code of every list has a label in both languages', () => {
  const missing = enumerations()
    .filter(({ name }) => !WITHOUT_LABELS.includes(name))
    .flatMap(({ name, codes }) => codes.map((code) => ({ name, code })))
    .filter(({ name, code }) => LANGUAGES.some((language) => labelOf(name, code, language) === undefined));
  expect(missing).toEqual([]);
});

test('every Chinese label has Chinese letters, and no English one has', () => {
  const wrong = enumerations()
    .filter(({ name }) => !WITHOUT_LABELS.includes(name))
    .flatMap(({ name, codes }) =>
      codes.map((code) => ({ code, en: labelOf(name, code, 'en') ?? '', zh: labelOf(name, code, 'zh') ?? '' })),
    )
    .filter(({ en, zh }) => HAN.test(en) || (!HAN.test(zh) && zh !== en));
  expect(wrong).toEqual([]);
});

test.each(LANGUAGES)('two codes of a list never have the same label (%s)', (language) => {
  const repeated = codeLists(language).flatMap(({ name, codes }) => {
    const labels = codes.map(({ label }) => label);
    return labels.filter((label, index) => labels.indexOf(label) !== index).map((label) => `${name}: ${label}`);
  });
  expect(repeated).toEqual([]);
});

test('the lists have the labels of the specification', () => {
  const zh = new Map(
    codeLists('zh').map(({ name, codes }) => [name, new Map(codes.map((one) => [one.code, one.label]))]),
  );
  expect(zh.get('Stage')?.get('UnderInvestigation')).toBe('核实调查中');
  expect(zh.get('Channel')?.get('messaging_app')).toBe('即时通讯（微信、小程序）');
  expect(zh.get('Role')?.get('data_protection_officer')).toBe('个人信息保护负责人');
  expect(zh.get('Outcome')?.get('upheld')).toBe('投诉成立');
  expect(zh.get('OutcomeOrNone')?.get('none')).toBe('尚无结果');
  expect(zh.get('Clock')?.get('admissibility')).toBe('受理决定');
  expect(zh.get('Region')?.get('hold')).toBe('暂停（中止）');
  expect(zh.get('ErrorCode')?.get('wrong_stage')).toBe('阶段不符');
  expect(zh.get('Currency')?.get('CNY')).toBe('人民币');
  expect(zh.has('TimeZone')).toBe(false);
});
