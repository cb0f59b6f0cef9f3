import { isBoolean, isIn, isString, matches } from 'class-validator';

import { CURRENCY_CODES } from './currencies.js';
import { isDay, parseDay, parseInstant, type Moment } from './moment.js';
import { hasInvisibleCharacter, hasVisibleCharacter } from './text.js';
import { isZone } from './zones.js';

/** Why a value is rejected. */
export interface Fault {
  /** A stable code. */
  readonly code: FaultCode;
  /**
   * Continues a sentence that begins with the name of the field, such as `must not be empty`. Never quotes the value.
   */
  readonly message: string;
  /** Name of the invalid member, if not the whole value is invalid. */
  readonly at?: string;
}

export type FaultCode =
  | 'required'
  | 'not_null'
  | 'wrong_type'
  | 'unknown_field'
  | 'empty'
  | 'too_long'
  | 'too_few'
  | 'too_many'
  | 'out_of_range'
  | 'not_in_list'
  | 'wrong_form'
  | 'control_character'
  | 'invisible_character'
  | 'blank_at_end'
  | 'lone_surrogate'
  | 'offset_missing'
  | 'impossible_date'
  | 'unknown_zone'
  | 'unknown_currency';

/** Returns the fault of a value that is neither undefined nor null; undefined if the value is valid. */
export type Check = (value: unknown) => Fault | undefined;

const fault = (code: FaultCode, message: string): Fault => ({ code, message });

export const REQUIRED = fault('required', 'is missing');
export const NOT_NULL = fault('not_null', 'must not be null; omit it instead');
export const UNKNOWN_FIELD = fault('unknown_field', 'is unknown; remove it or correct its name');
export const NOT_AN_OBJECT = fault('wrong_type', 'must be an object');

/** Checks that a value is a list with `min` to `max` items; does not check the items. */
export function checkList({ min, max }: { readonly min: number; readonly max: number }): Check {
  const tooFew = fault('too_few', `must have at least ${String(min)} items`);
  const tooMany = fault('too_many', `must have at most ${String(max)} items`);
  return (value) => {
    if (!Array.isArray(value)) return NOT_A_LIST;
    return value.length < min ? tooFew : value.length > max ? tooMany : undefined;
  };
}

const NOT_A_LIST = fault('wrong_type', 'must be a list');

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The rule of {@link checkText} as a pattern for JSON schemas. It is short, because every text field repeats it, and
 * therefore wider: it also matches texts of nothing but combining marks or rare invisible characters.
 */
export const TEXT_PATTERN = (() => {
  const control = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f';
  const invisible =
    '\\u00ad\\u034f\\u115f\\u1160\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0';
  return `^[^${control}]*[^\\s${invisible}${control}][^${control}]*$`;
})();

/** The form that a text must have. */
export interface TextForm {
  readonly pattern: RegExp;
  /** Describes the form in the error message `must be {name}`. */
  readonly name: string;
}

/**
 * Checks that a value is text with at least one visible character and without control characters except tab and line
 * ends. `min` and `max` count code points.
 */
export function checkText({
  min,
  max,
  form,
}: {
  readonly min: number;
  readonly max: number;
  readonly form?: TextForm | undefined;
}): Check {
  const tooLong = fault('too_long', `must not be longer than ${String(max)} characters`);
  const tooShort = fault('empty', `must have at least ${String(min)} characters`);
  const wrongForm = fault('wrong_form', `must be ${form?.name ?? ''}`);
  return (value) => {
    if (!isString(value)) return NOT_TEXT;
    if (value.length > max && codePoints(value) > max) return tooLong;
    if (CONTROL.test(value)) return HAS_CONTROL;
    if (LONE_SURROGATE.test(value)) return HAS_SURROGATE;
    if (!hasVisibleCharacter(value)) return EMPTY;
    if (min > 1 && codePoints(value) < min) return tooShort;
    return form === undefined || matches(value, form.pattern) ? undefined : wrongForm;
  };
}

const NOT_TEXT = fault('wrong_type', 'must be text');
const EMPTY = fault('empty', 'must have a visible character');
const HAS_CONTROL = fault('control_character', 'must not contain control characters other than tab and line ends');
const HAS_SURROGATE = fault('lone_surrogate', 'must not contain half of a surrogate pair');

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Checks that a value is a name: text of `max` code points in one line, without blanks at its ends and without invisible
 * characters. Names are compared, so two names that look the same must not differ in such characters.
 */
export function checkName({ max }: { readonly max: number }): Check {
  const checkAsText = checkText({ min: 1, max });
  return (value) => {
    const textFault = checkAsText(value);
    if (textFault !== undefined) return textFault;
    const name = value as string;
    if (/[\t\n\r]/.test(name)) return HAS_LINE_END;
    if (name.trim() !== name) return HAS_BLANK_AT_END;
    return hasInvisibleCharacter(name) || /[\u2028\u2029]/.test(name) ? HAS_INVISIBLE : undefined;
  };
}

/** The rule of {@link checkName} as a pattern for JSON schemas; wider, like {@link TEXT_PATTERN}. */
export const NAME_PATTERN = (() => {
  const excluded =
    '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\ufeff';
  return `^[^\\s${excluded}]([^${excluded}]*[^\\s${excluded}])?$`;
})();

const HAS_LINE_END = fault('control_character', 'must not contain tabs or line ends');
const HAS_BLANK_AT_END = fault('blank_at_end', 'must not begin or end with a blank');
const HAS_INVISIBLE = fault('invisible_character', 'must not contain invisible characters');

export const IDENTIFIER = /^[A-Za-z0-9._:@/-]{1,128}$/;

/** Checks that a value is an identifier: 1 to 128 characters, each a letter, a digit or one of `. _ : @ / -`. */
export const checkIdentifier: Check = (value) => {
  if (!isString(value)) return NOT_TEXT;
  return matches(value, IDENTIFIER) ? undefined : NOT_IDENTIFIER;
};

const NOT_IDENTIFIER = fault('wrong_form', 'must be 1 to 128 characters, each a letter, a digit or one of . _ : @ / -');

/** Checks that a value is one of the codes, or one of their former spellings, which the message does not list. */
export function checkCode(codes: readonly string[], former: readonly string[] = []): Check {
  const accepted = [...codes, ...former];
  const notInList = fault('not_in_list', `must be one of ${codes.join(', ')}`);
  return (value) => (!isString(value) ? NOT_TEXT : isIn(value, accepted) ? undefined : notInList);
}

/** Checks that a value is a whole number from `min` to `max`, and within ±(2^53−1), which JSON represents exactly. */
export function checkWhole(min: number, max: number): Check {
  const outOfRange = fault('out_of_range', `must be between ${String(min)} and ${String(max)}`);
  return (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return NOT_WHOLE;
    return value >= min && value <= max ? undefined : outOfRange;
  };
}

const NOT_WHOLE = fault('wrong_type', 'must be a whole number');

/** Checks that a value is true or false. */
export const checkFlag: Check = (value) => (isBoolean(value) ? undefined : NOT_FLAG);

const NOT_FLAG = fault('wrong_type', 'must be true or false');

/** Checks that a value is a day of the calendar in the years 1900 to 2200, as `YYYY-MM-DD`. */
export const checkDay: Check = (value) => {
  if (!isString(value)) return NOT_TEXT;
  if (!DATE_ONLY.test(value)) return fault('wrong_form', 'must be a day as YYYY-MM-DD');
  if (!withinYears(value)) return OUT_OF_YEARS[0];
  return isDay(value) ? undefined : IMPOSSIBLE[0];
};

/** Checks that a value is the name of a time zone. */
export const checkZone: Check = (value) => {
  if (!isString(value)) return NOT_TEXT;
  return isZone(value) ? undefined : UNKNOWN_ZONE;
};

/** The codes of the currencies of ISO 4217, without those of metals and for tests. */
export const CURRENCIES: readonly string[] = CURRENCY_CODES;

const currencies: ReadonlySet<string> = new Set(CURRENCIES);

/** Checks that a value is the code of a currency. */
export const checkCurrency: Check = (value) => {
  if (!isString(value)) return NOT_TEXT;
  return currencies.has(value) ? undefined : UNKNOWN_CURRENCY;
};

const UNKNOWN_CURRENCY = fault('unknown_currency', 'must be the code of a currency in capital letters (ISO 4217): CNY');

/**
 * Parses a moment in the years 1900 to 2200: RFC 3339 text with an offset, or `{day: 'YYYY-MM-DD', zone: IANA name}`.
 * Returns a list of faults for any other value.
 */
export function readMoment(value: unknown): Moment | readonly Fault[] {
  if (isString(value)) return instantOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NOT_A_MOMENT;
  const faults = Object.entries(value).flatMap(([name, member]): readonly Fault[] => {
    if (!DAY_FIELDS.includes(name)) return [{ ...UNKNOWN_FIELD, at: name }];
    return isString(member) ? [] : [{ ...NOT_TEXT, at: name }];
  });
  if (faults.length > 0) return faults;
  const { day, zone } = value as { readonly day?: string; readonly zone?: string };
  if (day !== undefined && zone !== undefined) return dayOf(day, zone);
  return DAY_FIELDS.filter((name) => !(name in value)).map((at) => ({ ...REQUIRED, at }));
}

const DAY_FIELDS = ['day', 'zone'];
const NOT_A_MOMENT = [
  fault('wrong_type', 'must be an RFC 3339 time with offset, or an object of day (YYYY-MM-DD) and zone (IANA name)'),
];
const WITHOUT_OFFSET = [fault('offset_missing', 'must have an offset from UTC, such as Z or +08:00')];
const NOT_RFC3339 = [fault('wrong_form', 'must be an RFC 3339 time with offset: 2026-11-22T09:30:00+08:00')];
const IMPOSSIBLE = [fault('impossible_date', 'names a date or time that does not exist')] as const;
const OUT_OF_YEARS = [fault('out_of_range', 'must be within the years 1900 to 2200')] as const;
const NOT_A_DAY = [{ ...fault('wrong_form', 'must be a day as YYYY-MM-DD'), at: 'day' }];
const UNKNOWN_ZONE = fault('unknown_zone', 'must be the name of an IANA time zone: Asia/Shanghai');
const NOT_A_ZONE = [{ ...UNKNOWN_ZONE, at: 'zone' }];

/** Like an RFC 3339 time, but seconds and offset may be missing, and the separator may be a blank. */
const TIMELIKE =
  /^\d{4}-\d{2}-\d{2}(?<separator>[Tt ])\d{2}:\d{2}(?<seconds>:\d{2}(\.\d{1,9})?)?(?<offset>[Zz]|[+-]\d{2}:\d{2})?$/;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

function instantOf(text: string): Moment | readonly Fault[] {
  const at = parseInstant(text);
  if (at !== undefined) return withinYears(at) ? { precision: 'instant', at } : OUT_OF_YEARS;
  if (DATE_ONLY.test(text)) return WITHOUT_OFFSET;
  const parts = TIMELIKE.exec(text)?.groups;
  if (parts === undefined) return NOT_RFC3339;
  if (parts.offset === undefined) return WITHOUT_OFFSET;
  return parts.seconds === undefined || parts.separator === ' ' ? NOT_RFC3339 : IMPOSSIBLE;
}

/** Cached results by day and zone: an import has the same days many times, and time zone computations are slow. */
const cachedDays = new Map<string, Moment | readonly Fault[]>();

const MAX_CACHED_DAYS = 10_000;

function dayOf(day: string, zone: string): Moment | readonly Fault[] {
  if (!DATE_ONLY.test(day)) return NOT_A_DAY;
  if (!withinYears(day)) return OUT_OF_YEARS;
  if (!isZone(zone)) return NOT_A_ZONE;
  const key = `${day} ${zone}`;
  let moment = cachedDays.get(key);
  if (moment === undefined) {
    moment = parseDay(day, zone) ?? IMPOSSIBLE;
    if (cachedDays.size >= MAX_CACHED_DAYS) cachedDays.clear();
    cachedDays.set(key, moment);
  }
  return moment;
}

/** Whether a date or a time is in the years 1900 to 2200; not if its year has more than four digits. */
function withinYears(text: string): boolean {
  const year = Number(text.slice(0, 4));
  const isFourDigitYear = text[4] === '-';
  return isFourDigitYear && year >= 1900 && year <= 2200;
}
