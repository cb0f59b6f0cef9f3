import {
  add,
  dinero,
  equal,
  greaterThan,
  subtract,
  toDecimal,
  toSnapshot,
  type Dinero,
  type DineroCurrency,
} from 'dinero.js/bigint';
import * as iso4217 from 'dinero.js/bigint/currencies';
import type { MeasureFile, Payment } from './state-types.js';
import type { Money } from './terms/facts.js';

/**
 * Sums and comparisons of money, in whole minor units and never in floating point. Money of different currencies is
 * never added. Currencies and their minor units are those of ISO 4217 (I23).
 */

const currencies = new Map(Object.values(iso4217).map((currency) => [currency.code, currency]));

/** The currency with this code. One that ISO 4217 no longer has may be in old events; its unit does not matter in sums. */
const currencyOf = (code: string): DineroCurrency<bigint> => currencies.get(code) ?? { code, base: 10n, exponent: 2n };

const toDinero = ({ amount, currency }: Money): Dinero<bigint> =>
  dinero({ amount: BigInt(amount), currency: currencyOf(currency) });

const zero = (currency: string): Dinero<bigint> => toDinero({ amount: 0, currency });

/** The sum of all amounts in this currency; the others are left out. */
const sumIn = (currency: string, moneys: readonly Money[]): Dinero<bigint> =>
  moneys
    .filter((money) => money.currency === currency)
    .map(toDinero)
    .reduce(add, zero(currency));

/** The currencies of these amounts, each once. */
export const currenciesOf = (moneys: readonly Money[]): string[] => [
  ...new Set(moneys.map(({ currency }) => currency)),
];

/**
 * True if the amounts in the currency of the limit are more than the limit.
 * @param limit in minor units; Infinity for none
 */
export const isSumAbove = (moneys: readonly Money[], currency: string, limit: number): boolean =>
  Number.isFinite(limit) && greaterThan(sumIn(currency, moneys), toDinero({ amount: limit, currency }));

/** What is left of an amount after these payments of its currency; 0 if they reach or exceed it. */
export function remainderOf(amount: Money, payments: readonly Money[]): Money {
  const rest = subtract(toDinero(amount), sumIn(amount.currency, payments));
  return greaterThan(rest, zero(amount.currency)) ? toMoney(rest) : { amount: 0, currency: amount.currency };
}

/** The payments of the measure that stand. */
export const standingPayments = (payments: readonly Payment[], remedyId: string, measureId: string): Payment[] =>
  payments.filter(
    (payment) => payment.remedyId === remedyId && payment.measureId === measureId && payment.returned === undefined,
  );

/** What the payments that stand leave to be paid; undefined if the measure has no amount. */
export const remainderOfMeasure = (
  { id, amount }: Pick<MeasureFile, 'id' | 'amount'>,
  remedyId: string,
  payments: readonly Payment[],
): Money | undefined =>
  amount &&
  remainderOf(
    amount,
    standingPayments(payments, remedyId, id).map(({ money }) => money),
  );

export const isMore = (one: Money, other: Money): boolean => greaterThan(toDinero(one), toDinero(other));

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.currency === other.currency && equal(toDinero(one), toDinero(other));

const toMoney = (money: Dinero<bigint>): Money => {
  const { amount, currency } = toSnapshot(money);
  return { amount: Number(amount), currency: currency.code };
};

/** The amount in the unit of its currency, such as `12.50 EUR`; in minor units if the currency is not decimal. */
export function amountText(money: Money): string {
  const { base, exponent } = currencyOf(money.currency);
  if (base !== 10n) return `${money.amount} minor units of ${money.currency}`;
  return `${exponent === 0n ? String(money.amount) : toDecimal(toDinero(money))} ${money.currency}`;
}
