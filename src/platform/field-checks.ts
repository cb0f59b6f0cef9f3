import type { Moment } from './moment.js';
import { parseDay, parseInstant } from './moment.js';

/**
 * Why a value is rejected: a stable code, a sentence that does not quote the value, and the location below the field
 * (JSON pointer).
 */
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

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The rule of {@link checkText} as a schema pattern: something visible, no control characters except \t \n \r. */
export const TEXT_PATTERN = (() => {
  const control = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f';
  return `^[^${control}]*[^\\s\\ufeff${control}][^${control}]*$`;
})();

/** Text with something visible in it, without control characters except tab and line ends; `max` counts code points. */
export function checkText(max: number, pattern?: RegExp, min = 1): Check {
  const tooLong = fault('too_long', `must not be longer than ${String(max)} characters`);
  const tooShort = fault('empty', `must have at least ${String(min)} characters`);
  return (value) => {
    if (typeof value !== 'string') return NOT_TEXT;
    if (value.length > max && codePoints(value) > max) return tooLong;
    if (CONTROL.test(value)) return HAS_CONTROL;
    if (LONE_SURROGATE.test(value)) return HAS_SURROGATE;
    if (!/\S/.test(value)) return EMPTY;
    if (min > 1 && codePoints(value) < min) return tooShort;
    return pattern === undefined || pattern.test(value) ? undefined : WRONG_FORM;
  };
}

const NOT_TEXT = fault('wrong_type', 'must be text');
const EMPTY = fault('empty', 'must not be empty');
const HAS_CONTROL = fault('control_character', 'must not hold control characters other than tab and line ends');
const HAS_SURROGATE = fault('lone_surrogate', 'must not hold half of a surrogate pair');
const WRONG_FORM = fault('wrong_form', 'is not in the form that is asked for');

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export const IDENTIFIER = /^[A-Za-z0-9._:@/-]{1,128}$/;

/** 1–128 visible ASCII characters: letters, digits and `. _ : @ / -`. */
export const checkIdentifier: Check = (value) => {
  if (typeof value !== 'string') return NOT_TEXT;
  return IDENTIFIER.test(value) ? undefined : NOT_IDENTIFIER;
};

const NOT_IDENTIFIER = fault('wrong_form', 'must be 1 to 128 letters, digits or characters of . _ : @ / -');

export function checkCode(codes: readonly string[]): Check {
  const known = new Set(codes);
  const notInList = fault('not_in_list', `must be one of ${codes.join(', ')}`);
  return (value) => (typeof value !== 'string' ? NOT_TEXT : known.has(value) ? undefined : notInList);
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

export const checkFlag: Check = (value) => (typeof value === 'boolean' ? undefined : NOT_FLAG);

const NOT_FLAG = fault('wrong_type', 'must be true or false');

/** The result of {@link toMoment} for a value that is not a moment. */
export class NoMoment {
  constructor(readonly fault: Fault) {}
}

/**
 * Reads RFC 3339 text with an offset, or `{day: 'YYYY-MM-DD', zone: IANA name}`, within the years 1900 to 2200. Returns
 * absent and null values unchanged.
 */
export function toMoment(value: unknown): Moment | NoMoment | null | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value === 'string') return instantOf(value);
  if (typeof value !== 'object' || Array.isArray(value)) return NOT_A_MOMENT;
  const { day, zone, ...others } = value as { day?: unknown; zone?: unknown };
  if (typeof day !== 'string' || typeof zone !== 'string' || Object.keys(others).length > 0) return NOT_A_MOMENT;
  return dayOf(day, zone);
}

export const checkMoment: Check = (value) =>
  value instanceof NoMoment ? value.fault : typeof value === 'object' ? undefined : NOT_A_MOMENT.fault;

const NOT_A_MOMENT = new NoMoment(
  fault('wrong_type', 'must be an RFC 3339 time with offset, or an object of day (YYYY-MM-DD) and zone (IANA name)'),
);
const WITHOUT_OFFSET = new NoMoment(fault('offset_missing', 'must say its offset from UTC, such as Z or +08:00'));
const NOT_RFC3339 = new NoMoment(
  fault('wrong_form', 'must be an RFC 3339 time with offset: 2026-11-22T09:30:00+08:00'),
);
const IMPOSSIBLE = new NoMoment(fault('impossible_date', 'names a date or time that does not exist'));
const OUT_OF_YEARS = new NoMoment(fault('out_of_range', 'must be within the years 1900 to 2200'));
const NO_DAY = new NoMoment({ ...fault('wrong_form', 'must be a day as YYYY-MM-DD'), at: '/day' });
const NO_ZONE = new NoMoment({
  ...fault('unknown_zone', 'must be an IANA time zone name: Asia/Shanghai'),
  at: '/zone',
});

const TIMELIKE = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?$/;
const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;

function instantOf(text: string): Moment | NoMoment {
  const at = parseInstant(text);
  if (at !== undefined) return withinYears(at) ? { precision: 'instant', at } : OUT_OF_YEARS;
  if (DATE_ONLY.test(text)) return WITHOUT_OFFSET;
  const parts = TIMELIKE.exec(text);
  if (parts === null) return NOT_RFC3339;
  if (parts[3] === undefined) return WITHOUT_OFFSET;
  return parts[1] === undefined || text[10] === ' ' ? NOT_RFC3339 : IMPOSSIBLE;
}

/** Cache: days recur (imports, registers), and calendar computations in a zone are slow. */
const days = new Map<string, Moment | NoMoment>();

function dayOf(day: string, zone: string): Moment | NoMoment {
  if (!DATE_ONLY.test(day)) return NO_DAY;
  if (!withinYears(day)) return OUT_OF_YEARS;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone)) return NO_ZONE;
  const key = `${day} ${zone}`;
  let moment = days.get(key);
  if (moment === undefined) {
    moment = parseDay(day, zone) ?? (parseDay('2000-01-01', zone) === undefined ? NO_ZONE : IMPOSSIBLE);
    if (days.size >= 10_000) days.clear();
    days.set(key, moment);
  }
  return moment;
}

function withinYears(text: string): boolean {
  const year = Number(text.slice(0, 4));
  return text[4] === '-' && year >= 1900 && year <= 2200;
}
