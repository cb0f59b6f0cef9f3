import * as iso4217 from 'dinero.js/currencies';

/** The number of minor units in one whole unit of each currency of ISO 4217, by its code. */
const minorUnits: ReadonlyMap<string, number> = new Map(
  Object.values(iso4217).map(({ code, base, exponent }) => [code, base ** exponent]),
);

/** The codes of all currencies of ISO 4217. */
export const CURRENCY_CODES: readonly string[] = [...minorUnits.keys()].sort();

/** The number of minor units in one whole unit of a currency: 100 for USD, 1 for JPY; undefined for an unknown code. */
export const minorUnitsPerUnit = (currency: string): number | undefined => minorUnits.get(currency);
