import { CURRENCY_CODES } from '../platform/currencies.js';
import { amountText, currenciesOf, isMore, isSameMoney, isSumAbove, remainderOf } from './money.js';

const money = (amount: number, currency = 'CNY') => ({ amount, currency });
const LARGEST = 1e15;

test('sums are exact beyond the safe integers, and leave other currencies out', () => {
  const many = Array.from({ length: 50 }, () => money(LARGEST));
  expect(isSumAbove(many, 'CNY', 50 * LARGEST)).toBe(false);
  expect(isSumAbove([...many, money(1)], 'CNY', 50 * LARGEST)).toBe(true);
  expect(isSumAbove([money(100), money(900, 'EUR')], 'CNY', 100)).toBe(false);
  expect(isSumAbove([money(LARGEST)], 'CNY', Number.POSITIVE_INFINITY)).toBe(false);
  expect(isSumAbove([money(1)], 'CNY', 0)).toBe(true);
});

test('the remainder of an amount is what the payments of its currency leave, never less than nothing', () => {
  expect(remainderOf(money(6800), [])).toEqual(money(6800));
  expect(remainderOf(money(6800), [money(5000), money(1799)])).toEqual(money(1));
  expect(remainderOf(money(6800), [money(6800)])).toEqual(money(0));
  expect(remainderOf(money(6800), [money(9000)])).toEqual(money(0));
  expect(remainderOf(money(6800), [money(6800, 'EUR')])).toEqual(money(6800));
});

test('compares money of one currency', () => {
  expect(isMore(money(2), money(1))).toBe(true);
  expect(isMore(money(1), money(1))).toBe(false);
  expect(isSameMoney(money(1), money(1))).toBe(true);
  expect(isSameMoney(money(1), money(2))).toBe(false);
  expect(isSameMoney(money(1), money(1, 'EUR'))).toBe(false);
  expect(currenciesOf([money(1), money(2), money(1, 'EUR')])).toEqual(['CNY', 'EUR']);
});

test.each([
  [money(1250, 'EUR'), '12.50 EUR'],
  [money(5, 'EUR'), '0.05 EUR'],
  [money(1250, 'JPY'), '1250 JPY'],
  [money(1250, 'KWD'), '1.250 KWD'],
  [money(7, 'MGA'), '7 minor units of MGA'],
])('an amount in the unit of its currency: %j is %s', (amount, text) => expect(amountText(amount)).toBe(text));

test('every currency of ISO 4217 can be added, and a code that it dropped since', () => {
  for (const currency of [...CURRENCY_CODES, 'HRK'])
    expect(remainderOf(money(10, currency), [money(3, currency)])).toEqual(money(7, currency));
});
