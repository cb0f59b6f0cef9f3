import { ApiProperty } from '@nestjs/swagger';

import {
  checkCode,
  checkFlag,
  checkIdentifier,
  checkList,
  checkText,
  checkWhole,
  IDENTIFIER,
  TEXT_PATTERN,
  type Check,
  type TextForm,
} from './field-checks.js';
import type { JsonObject } from './json.js';

/**
 * One decorator per kind of field: it describes the field once, for validation (`validateObject`), for the OpenAPI
 * schema and for the documents. `optional` means that a field may be absent; null is rejected everywhere.
 */
export interface FieldOptions {
  readonly optional?: boolean;
  readonly description?: string;
}

/** A class whose fields are described by these decorators. */
export type Described = abstract new () => object;

/** One that values are read into. */
export type Concrete = new () => object;

/** What is known of a field. */
export interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly description: string;
  /** The value of an absent field. */
  readonly default: string | number | undefined;
  /** The field is a list of such values. */
  readonly items: Items | undefined;
  readonly type: FieldType;
}

/** The type of a value: a scalar with its check, a Moment, or an object of another class. */
export type FieldType =
  | { readonly kind: 'string' | 'integer' | 'boolean'; readonly check: Check; readonly schema: JsonObject }
  | { readonly kind: 'moment' }
  | { readonly kind: 'object'; readonly target: () => Concrete };

interface Items {
  readonly min: number;
  readonly max: number;
  readonly check: Check;
}

interface ListOptions {
  readonly each?: boolean;
}

interface ExampleOptions {
  readonly example?: string | number;
}

/** For settings and queries. Never for a command, whose digest is that of what the client sent. */
interface DefaultOptions {
  readonly default?: string | number;
}

/**
 * Text that is not blank, has no control characters and `min` (default 1) to `max` code points. With `each`, a list of
 * at most 100.
 */
export function Text(
  options: FieldOptions &
    ListOptions &
    ExampleOptions &
    DefaultOptions & { readonly max: number; readonly min?: number; readonly form?: TextForm },
): PropertyDecorator {
  const { min = 1, max, form } = options;
  return field(options, options.each === true ? items(0, 100) : undefined, {
    kind: 'string',
    check: checkText({ min, max, form }),
    schema: { type: 'string', minLength: min, maxLength: max, pattern: form?.pattern.source ?? TEXT_PATTERN },
  });
}

/**
 * An external id: 1–128 of letters, digits and `. _ : @ / -`. With `each`, a list of `min` to `max` (default 0 to 100).
 */
export function Identifier(
  options: FieldOptions & ListOptions & ExampleOptions & { readonly min?: number; readonly max?: number } = {},
): PropertyDecorator {
  const { min = 0, max = 100 } = options;
  return field(options, options.each === true ? items(min, max) : undefined, {
    kind: 'string',
    check: checkIdentifier,
    schema: { type: 'string', minLength: 1, maxLength: 128, pattern: IDENTIFIER.source },
  });
}

/** One code from a list. */
export function Code(codes: readonly string[], options: FieldOptions & DefaultOptions = {}): PropertyDecorator {
  return field(options, undefined, {
    kind: 'string',
    check: checkCode(codes),
    schema: { type: 'string', enum: [...codes] },
  });
}

/** A whole number from `min` to `max`. */
export function Whole(
  options: FieldOptions & ExampleOptions & DefaultOptions & { readonly min: number; readonly max: number },
): PropertyDecorator {
  const { min, max } = options;
  return field(options, undefined, {
    kind: 'integer',
    check: checkWhole(min, max),
    schema: { type: 'integer', minimum: min, maximum: max },
  });
}

export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'boolean', check: checkFlag, schema: { type: 'boolean' } });
}

/** The time of an event: RFC 3339 with offset, or a day in a zone. The instance holds a Moment. */
export function When(options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'moment' });
}

/** The schema of {@link When}, as components of an OpenAPI document. */
export const MOMENT_SCHEMA = '#/components/schemas/Moment';

/** One object of another class with described fields. */
export function Nested(target: () => Concrete, options: FieldOptions = {}): PropertyDecorator {
  return field(options, undefined, { kind: 'object', target });
}

/** A list of `min` (default 0) to `max` objects of another class with described fields. */
export function List(
  target: () => Concrete,
  options: FieldOptions & { readonly min?: number; readonly max: number },
): PropertyDecorator {
  return field(options, items(options.min ?? 0, options.max), { kind: 'object', target });
}

/** Description and example of a command; a test checks the example. */
export interface CommandSchema {
  readonly summary: string;
  readonly example: JsonObject;
}

export const Schema =
  (schema: CommandSchema): ClassDecorator =>
  (target) => {
    schemas.set(target, schema);
  };

export const schemaOf = (target: Described): CommandSchema | undefined => schemas.get(target);

/** The fields of a class and of its superclasses, by name. */
export function fieldsOf(target: Described): ReadonlyMap<string, Field> {
  let fields = allFields.get(target);
  if (fields === undefined) {
    const parent = Object.getPrototypeOf(target) as Described;
    const inherited = typeof parent === 'function' && parent.prototype !== undefined ? fieldsOf(parent) : [];
    fields = new Map([...inherited, ...(ownFields.get(target) ?? [])]);
    allFields.set(target, fields);
  }
  return fields;
}

const schemas = new WeakMap<object, CommandSchema>();
const ownFields = new WeakMap<object, Map<string, Field>>();
const allFields = new WeakMap<object, ReadonlyMap<string, Field>>();

const items = (min: number, max: number): Items => ({ min, max, check: checkList({ min, max }) });

/** Registers the field, and its schema with @nestjs/swagger. */
function field(
  options: FieldOptions & ExampleOptions & DefaultOptions,
  list: Items | undefined,
  type: FieldType,
): PropertyDecorator {
  const { optional = false, description = '' } = options;
  const described = ApiProperty({
    ...schemaOfField(type, list, options),
    required: !optional && options.default === undefined,
    ...(description !== '' && { description }),
    ...(options.default !== undefined && { default: options.default }),
  });
  return (prototype, property) => {
    if (typeof property === 'symbol') throw new TypeError('a field must have a name');
    const { constructor } = prototype;
    let fields = ownFields.get(constructor);
    if (fields === undefined) ownFields.set(constructor, (fields = new Map<string, Field>()));
    fields.set(property, { name: property, optional, description, default: options.default, items: list, type });
    described(prototype, property);
  };
}

function schemaOfField(type: FieldType, list: Items | undefined, { example }: ExampleOptions): Record<string, unknown> {
  if (type.kind === 'moment') return { allOf: [{ $ref: MOMENT_SCHEMA }] };
  const size = list === undefined ? {} : { minItems: list.min, maxItems: list.max };
  if (type.kind === 'object') {
    const { target } = type;
    // The thunk must be named `type`: by that name Nest tells it from a class.
    return list === undefined ? { type: () => target() } : { type: () => [target()], ...size };
  }
  const schema = { ...type.schema, ...(example !== undefined && { example }) };
  return list === undefined ? schema : { type: 'array', items: schema, ...size };
}
