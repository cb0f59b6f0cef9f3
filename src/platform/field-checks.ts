import { isBoolean, isIn, isString, matches } from 'class-validator';

import { parseDay, parseInstant, type Moment } from './moment.js';

/** Why a value is rejected: a stable code, a sentence that does not quote the value, and the member at fault, if any. */
export interface Fault {
  readonly code: FaultCode;
  readonly message: string;
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
  | 'lone_surrogate'
  | 'offset_missing'
  | 'impossible_date'
  | 'unknown_zone';

/** Returns the fault of a present value; undefined when it is valid. */
export type Check = (value: unknown) => Fault | undefined;

const fault = (code: FaultCode, message: string): Fault => ({ code, message });

export const REQUIRED = fault('required', 'is missing');
export const NOT_NULL = fault('not_null', 'must not be null: leave it out instead');
export const UNKNOWN_FIELD = fault('unknown_field', 'is not known here');
export const NOT_AN_OBJECT = fault('wrong_type', 'must be an object');

/** The number of items of a list. */
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

/** The rule of {@link checkText} as a schema pattern: something visible, no control characters except \t \n \r. */
export const TEXT_PATTERN = (() => {
  const control = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f';
  return `^[^${control}]*[^\\s\\ufeff${control}][^${control}]*$`;
})();

/** The form of a text, and how a sentence names it: `must be {name}`. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly name: string;
}

/** Text with something visible in it, without control characters except tab and line ends; `max` counts code points. */
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
    if (!/\S/.test(value)) return EMPTY;
    if (min > 1 && codePoints(value) < min) return tooShort;
    return form === undefined || matches(value, form.pattern) ? undefined : wrongForm;
  };
}

const NOT_TEXT = fault('wrong_type', 'must be text');
const EMPTY = fault('empty', 'must not be empty');
const HAS_CONTROL = fault('control_character', 'must not hold control characters other than tab and line ends');
const HAS_SURROGATE = fault('lone_surrogate', 'must not hold half of a surrogate pair');

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export const IDENTIFIER = /^[A-Za-z0-9._:@/-]{1,128}$/;

/** 1–128 visible ASCII characters: letters, digits and `. _ : @ / -`. */
export const checkIdentifier: Check = (value) => {
  if (!isString(value)) return NOT_TEXT;
  return matches(value, IDENTIFIER) ? undefined : NOT_IDENTIFIER;
};

const NOT_IDENTIFIER = fault('wrong_form', 'must be 1 to 128 letters, digits or characters of . _ : @ / -');

export function checkCode(codes: readonly string[]): Check {
  const notInList = fault('not_in_list', `must be one of ${codes.join(', ')}`);
  return (value) => (!isString(value) ? NOT_TEXT : isIn(value, codes) ? undefined : notInList);
}

/** A whole number within ±(2^53−1), which JSON represents exactly. */
export function checkWhole(min: number, max: number): Check {
  const outOfRange = fault('out_of_range', `must be between ${String(min)} and ${String(max)}`);
  return (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return NOT_WHOLE;
    return value >= min && value <= max ? undefined : outOfRange;
  };
}

const NOT_WHOLE = fault('wrong_type', 'must be a whole number');

export const checkFlag: Check = (value) => (isBoolean(value) ? undefined : NOT_FLAG);

const NOT_FLAG = fault('wrong_type', 'must be true or false');

/**
 * Reads RFC 3339 text with an offset, or `{day: 'YYYY-MM-DD', zone: IANA name}`, within the years 1900 to 2200; returns
 * a list of faults for anything else.
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
const WITHOUT_OFFSET = [fault('offset_missing', 'must say its offset from UTC, such as Z or +08:00')];
const NOT_RFC3339 = [fault('wrong_form', 'must be an RFC 3339 time with offset: 2026-11-22T09:30:00+08:00')];
const IMPOSSIBLE = [fault('impossible_date', 'names a date or time that does not exist')];
const OUT_OF_YEARS = [fault('out_of_range', 'must be within the years 1900 to 2200')];
const NOT_A_DAY = [{ ...fault('wrong_form', 'must be a day as YYYY-MM-DD'), at: 'day' }];
const NOT_A_ZONE = [{ ...fault('unknown_zone', 'must be an IANA time zone name: Asia/Shanghai'), at: 'zone' }];

const TIMELIKE = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?$/;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

function instantOf(text: string): Moment | readonly Fault[] {
  const at = parseInstant(text);
  if (at !== undefined) return withinYears(at) ? { precision: 'instant', at } : OUT_OF_YEARS;
  if (DATE_ONLY.test(text)) return WITHOUT_OFFSET;
  const parts = TIMELIKE.exec(text);
  if (parts === null) return NOT_RFC3339;
  if (parts[3] === undefined) return WITHOUT_OFFSET;
  return parts[1] === undefined || text[10] === ' ' ? NOT_RFC3339 : IMPOSSIBLE;
}

/** Cache: days recur (imports, registers), and calendar computations in a zone are slow. */
const days = new Map<string, Moment | readonly Fault[]>();

function dayOf(day: string, zone: string): Moment | readonly Fault[] {
  if (!DATE_ONLY.test(day)) return NOT_A_DAY;
  if (!withinYears(day)) return OUT_OF_YEARS;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) return NOT_A_ZONE;
  const key = `${day} ${zone}`;
  let moment = days.get(key);
  if (moment === undefined) {
    moment = parseDay(day, zone) ?? (parseDay('2000-01-01', zone) === undefined ? NOT_A_ZONE : IMPOSSIBLE);
    if (days.size >= 10_000) days.clear();
    days.set(key, moment);
  }
  return moment;
}

function withinYears(text: string): boolean {
  const year = Number(text.slice(0, 4));
  return text[4] === '-' && year >= 1900 && year <= 2200;
}
