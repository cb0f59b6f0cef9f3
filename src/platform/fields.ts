import {
  checkCode,
  checkCurrency,
  checkDay,
  checkFlag,
  checkIdentifier,
  checkList,
  checkName,
  checkText,
  checkWhole,
  checkZone,
  CURRENCIES,
  IDENTIFIER,
  NAME_PATTERN,
  TEXT_PATTERN,
  type Check,
  type TextForm,
} from './field-checks.js';
import type { Json, JsonObject } from './json.js';
import { ZONES } from './zones.js';

/*
 * Decorators that describe the fields of a class, one per kind of field. The descriptions are used for validation
 * (`validateObject`), for the OpenAPI schemas (http/schemas.ts) and for the options of the command line. The decorators of
 * answer-fields.ts describe fields that only answers have.
 */

export interface FieldOptions {
  /** True if the field may be absent (default false). */
  readonly optional?: boolean;
  /** True if the value may be null (default false). Only fields of answers are null. */
  readonly nullable?: boolean;
  readonly description?: string;
  readonly example?: Json;
  /** A name that the field had before. A value with this name is rejected with the present name. */
  readonly formerName?: string;
}

/** A class with described fields; it may be abstract. */
export type DescribedClass = abstract new () => object;

/** A class with described fields that can be instantiated. */
export type ConcreteClass = new () => object;

/** The description of a field. */
export interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly nullable: boolean;
  readonly description: string;
  readonly example: Json | undefined;
  readonly formerName: string | undefined;
  /** The value that an absent field gets; undefined if there is none. */
  readonly default: string | number | undefined;
  /** How many items the field has, if it is a list; otherwise undefined. */
  readonly items: Items | undefined;
  /** The type of the value or, for a list, of each item. */
  readonly type: FieldType;
}

/** The type of a value: a scalar with its check, a Moment, or an object of another class. */
export type FieldType =
  | ScalarType
  | { readonly kind: 'moment' }
  | { readonly kind: 'object'; readonly target: () => ConcreteClass }
  | AnswerType;

interface ScalarType {
  readonly kind: 'string' | 'integer' | 'boolean';
  readonly check: Check;
  readonly schema: JsonObject;
  /** The list of codes, if the type is one. */
  readonly codes?: readonly string[];
  /** Converts a valid text; absent if it is kept unchanged. */
  readonly convert?: (text: string) => string;
}

/** The type of a value that only answers have; it is not validated. */
type AnswerType =
  | { readonly kind: 'answer'; readonly schema: JsonObject }
  | { readonly kind: 'map'; readonly members: () => ConcreteClass; readonly nameExample: string };

interface Items {
  readonly min: number;
  readonly max: number;
  readonly check: Check;
}

interface ListOptions {
  /** True if the field is a list of such values (default false). */
  readonly each?: boolean;
}

/** Only for settings and queries. A command has no defaults, because its digest covers exactly what the client sent. */
interface DefaultOptions {
  readonly default?: string | number;
}

/**
 * Text with a visible character and without control characters, of `min` (default 1) to `max` code points. With `each`, a
 * list of at most 100 texts.
 */
export function Text(
  options: FieldOptions &
    ListOptions &
    DefaultOptions & { readonly max: number; readonly min?: number; readonly form?: TextForm },
): PropertyDecorator {
  const { min = 1, max, form } = options;
  return field(options, options.each === true ? listOf(0, 100) : undefined, {
    kind: 'string',
    check: checkText({ min, max, form }),
    schema: { type: 'string', minLength: min, maxLength: max, pattern: form?.pattern.source ?? TEXT_PATTERN },
  });
}

/**
 * An id of another system: 1 to 128 characters, each a letter, a digit or one of `. _ : @ / -`. With `each`, a list of
 * `min` to `max` ids (default 0 to 100).
 */
export function Identifier(
  options: FieldOptions & ListOptions & { readonly min?: number; readonly max?: number } = {},
): PropertyDecorator {
  const { min = 0, max = 100 } = options;
  return field(options, options.each === true ? listOf(min, max) : undefined, {
    kind: 'string',
    check: checkIdentifier,
    schema: { type: 'string', minLength: 1, maxLength: 128, pattern: IDENTIFIER.source },
  });
}

/**
 * A name that other systems or people gave and that is compared: one line of text of 1 to `max` code points, without
 * blanks at its ends and without invisible characters. Validation converts it to Unicode form NFC.
 */
export function Name(options: FieldOptions & { readonly max: number }): PropertyDecorator {
  const { max } = options;
  return field(options, undefined, {
    kind: 'string',
    check: checkName({ max }),
    schema: { type: 'string', minLength: 1, maxLength: max, pattern: NAME_PATTERN },
    convert: (name) => name.normalize('NFC'),
  });
}

/** A day of the calendar: text `YYYY-MM-DD`, years 1900 to 2200. */
export function Day(options: FieldOptions = {}): PropertyDecorator {
  const pattern = '^(19|2[01])[0-9]{2}-|^2200-';
  return field(options, undefined, {
    kind: 'string',
    check: checkDay,
    schema: { type: 'string', format: 'date', pattern },
  });
}

/** The name of a time zone. */
export function Zone(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, {
    kind: 'string',
    check: checkZone,
    schema: { type: 'string', enum: [...ZONES] },
    codes: ZONES,
  });
}

/** The code of a currency. */
export function Currency(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, {
    kind: 'string',
    check: checkCurrency,
    schema: { type: 'string', enum: [...CURRENCIES] },
    codes: CURRENCIES,
  });
}

interface CodeOptions<C extends string> {
  /**
   * Former spellings of codes, with the code that each is converted to. They stay accepted, because a command that is sent
   * again must have the same body; the OpenAPI document does not list them.
   */
  readonly formerCodes?: Readonly<Record<string, C>>;
}

/** Text that is one of these codes. With `each`, a list of them. */
export function Code<C extends string>(
  codes: readonly C[],
  options: FieldOptions & ListOptions & DefaultOptions & CodeOptions<C> = {},
): PropertyDecorator {
  const { formerCodes: former } = options;
  return field(options, options.each === true ? listOf(0, codes.length) : undefined, {
    kind: 'string',
    check: checkCode(codes, former === undefined ? [] : Object.keys(former)),
    schema: { type: 'string', enum: [...codes] },
    codes,
    ...(former !== undefined && { convert: (code) => former[code] ?? code }),
  });
}

/** A whole number from `min` to `max`. */
export function Whole(
  options: FieldOptions & DefaultOptions & { readonly min: number; readonly max: number },
): PropertyDecorator {
  const { min, max } = options;
  return field(options, undefined, {
    kind: 'integer',
    check: checkWhole(min, max),
    schema: { type: 'integer', minimum: min, maximum: max, ...(max > MAX_INT32 && { format: 'int64' }) },
  });
}

/** The greatest number that generated clients store in 32 bits. */
const MAX_INT32 = 2 ** 31 - 1;

/** A boolean. */
export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'boolean', check: checkFlag, schema: { type: 'boolean' } });
}

/** A time: RFC 3339 text with an offset, or a day in a time zone. Validation converts it to a Moment. */
export function When(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'moment' });
}

/** One object of another class with described fields. */
export function Nested(target: () => ConcreteClass, options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'object', target });
}

/** A list of `min` (default 0) to `max` objects of another class with described fields. */
export function List(
  target: () => ConcreteClass,
  options: FieldOptions & { readonly min?: number; readonly max: number },
): PropertyDecorator {
  return field(options, listOf(options.min ?? 0, options.max), { kind: 'object', target });
}

/** Description of a class for the OpenAPI document. */
export interface ClassSchema {
  readonly summary: string;
  /** A valid body of the command; for an answer, it replaces the example that the fields give. */
  readonly example?: JsonObject;
  /** True if an answer may have members that the class does not describe (default false). */
  readonly open?: boolean;
  /** Keywords that relate fields to each other, such as `if` and `then`. */
  readonly rules?: JsonObject;
}

/** Describes a class. */
export const Schema =
  (schema: ClassSchema): ClassDecorator =>
  (target) => {
    schemas.set(target, schema);
  };

export const schemaOf = (target: DescribedClass): ClassSchema | undefined => schemas.get(target);

/** The fields of a class and of its superclasses, by name. */
export function fieldsOf(target: DescribedClass): ReadonlyMap<string, Field> {
  let fields = allFields.get(target);
  if (fields === undefined) {
    const superclass = Object.getPrototypeOf(target) as DescribedClass;
    const isClass = typeof superclass === 'function' && superclass.prototype !== undefined;
    fields = new Map([...(isClass ? fieldsOf(superclass) : []), ...(ownFields.get(target) ?? [])]);
    allFields.set(target, fields);
  }
  return fields;
}

const schemas = new WeakMap<object, ClassSchema>();
const ownFields = new WeakMap<object, Map<string, Field>>();
const allFields = new WeakMap<object, ReadonlyMap<string, Field>>();

export const listOf = (min: number, max: number): Items => ({ min, max, check: checkList({ min, max }) });

/** A decorator that stores the description of a field. */
export function field(
  options: FieldOptions & DefaultOptions,
  list: Items | undefined,
  type: FieldType,
): PropertyDecorator {
  const { optional = false, nullable = false, description = '', example, formerName } = options;
  const described = { optional, nullable, description, example, formerName, default: options.default };
  return (prototype, property) => {
    if (typeof property === 'symbol') throw new TypeError('a field must have a name');
    const { constructor } = prototype;
    let fields = ownFields.get(constructor);
    if (fields === undefined) ownFields.set(constructor, (fields = new Map<string, Field>()));
    fields.set(property, { ...described, name: property, items: list, type });
  };
}
