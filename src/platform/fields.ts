import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ValidateBy, ValidateNested } from 'class-validator';

import {
  checkCode,
  checkFlag,
  checkIdentifier,
  checkMoment,
  checkText,
  checkWhole,
  IDENTIFIER,
  TEXT_PATTERN,
  toMoment,
  type Check,
  type Fault,
} from './field-checks.js';
import type { JsonObject } from './json.js';

/**
 * One decorator per kind of field. Each sets the validator (class-validator), the conversion (class-transformer) and
 * the OpenAPI schema together, so that the three agree. `optional` means that a field may be absent; null is rejected
 * everywhere.
 */
export interface FieldOptions {
  readonly optional?: boolean;
  readonly description?: string;
}

/** A class whose fields are described by these decorators. */
export type Described = abstract new () => object;

/** Metadata of one field: enough to walk a value in parallel with its class. */
export interface Field {
  readonly name: string;
  readonly optional: boolean;
  /** `leaf`: text, number or flag; `leaves`: a list of them; `moment`; `part`: one described object; `parts`: a list. */
  readonly shape: 'leaf' | 'leaves' | 'moment' | 'part' | 'parts';
  readonly maxItems: number;
  readonly part: () => Described;
  /** All faults of the value and of its items. */
  readonly faults: (value: unknown) => readonly Fault[];
}

/**
 * Text that is not blank, has no control characters and at most `max` code points. With `each`, a list of at most 100.
 */
export function Text(
  options: FieldOptions & {
    readonly max: number;
    readonly min?: number;
    readonly each?: boolean;
    readonly pattern?: RegExp;
    readonly example?: string;
  },
): PropertyDecorator {
  const { max, min = 1, pattern } = options;
  return leaf(options, { max: 100 }, checkText(max, pattern, min), {
    type: 'string',
    minLength: min,
    maxLength: max,
    pattern: pattern?.source ?? TEXT_PATTERN,
  });
}

/**
 * An external id: 1–128 of letters, digits and `. _ : @ / -`. With `each`, a list of `min` to `max` (default 0 to 100).
 */
export function Identifier(
  options: FieldOptions & {
    readonly each?: boolean;
    readonly min?: number;
    readonly max?: number;
    readonly example?: string;
  } = {},
): PropertyDecorator {
  return leaf(options, { min: options.min ?? 0, max: options.max ?? 100 }, checkIdentifier, {
    type: 'string',
    minLength: 1,
    maxLength: 128,
    pattern: IDENTIFIER.source,
  });
}

/** One code from a list. */
export function Code(codes: readonly string[], options: FieldOptions = {}): PropertyDecorator {
  return leaf(options, NO_ITEMS, checkCode(codes), { type: 'string', enum: [...codes] });
}

/** A whole number from `min` to `max`. */
export function Whole(
  options: FieldOptions & { readonly min: number; readonly max: number; readonly example?: number },
): PropertyDecorator {
  const { min, max } = options;
  return both(
    Transform(({ value }: { value: unknown }) => (value === 0 ? 0 : value)), // canonical JSON has no -0
    leaf(options, NO_ITEMS, checkWhole(min, max), { type: 'integer', minimum: min, maximum: max }),
  );
}

export function Flag(options: FieldOptions = {}): PropertyDecorator {
  return leaf(options, NO_ITEMS, checkFlag, { type: 'boolean' });
}

/** The time of an event: RFC 3339 with offset, or a day in a zone. The instance holds a Moment. */
export function When(options: FieldOptions = {}): PropertyDecorator {
  return both(
    Transform(({ value }: { value: unknown }) => toMoment(value)),
    field(
      { ...common(options), shape: 'moment', faults: single(checkMoment) },
      {
        allOf: [{ $ref: MOMENT_SCHEMA }],
      },
    ),
  );
}

/** The schema of {@link When}, as components of an OpenAPI document. */
export const MOMENT_SCHEMA = '#/components/schemas/Moment';

/** One object of another class with described fields. */
export function Nested(part: () => Described, options: FieldOptions = {}): PropertyDecorator {
  return both(
    Type(part),
    ValidateNested(),
    field(
      { ...common(options), shape: 'part', part, faults: single((value) => instanceFault(part, value)) },
      {
        type: () => part() as new () => object, // must be named `type`: Nest distinguishes a thunk from a class by its name
      },
    ),
  );
}

/** A list of `min` (default 0) to `max` objects of another class with described fields. */
export function List(
  part: () => Described,
  options: FieldOptions & { readonly min?: number; readonly max: number },
): PropertyDecorator {
  const items = { min: options.min ?? 0, max: options.max };
  return both(
    Type(part),
    ValidateNested(),
    field(
      {
        ...common(options),
        shape: 'parts',
        part,
        maxItems: items.max,
        faults: several(items, (value) => instanceFault(part, value)),
      },
      { type: () => [part() as new () => object], minItems: items.min, maxItems: items.max },
    ),
  );
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

interface Items {
  readonly min?: number;
  readonly max: number;
}

type Spec = Omit<Field, 'name'> & { readonly description: string | undefined };

const NO_ITEMS: Items = { max: 0 };
const NO_FAULTS: readonly Fault[] = [];
const REQUIRED: readonly Fault[] = [{ code: 'required', message: 'is missing' }];
const NOT_NULL: readonly Fault[] = [{ code: 'not_null', message: 'must not be null: leave it out instead' }];
const NOT_A_LIST: readonly Fault[] = [{ code: 'wrong_type', message: 'must be a list' }];
const NOT_AN_OBJECT: Fault = { code: 'wrong_type', message: 'must be an object' };

const common = (options: FieldOptions) => ({
  optional: options.optional === true,
  description: options.description,
  maxItems: 0,
  part: () => Object,
});

function leaf(
  options: FieldOptions & { readonly each?: boolean; readonly example?: string | number },
  items: Items,
  check: Check,
  schema: JsonSchema,
): PropertyDecorator {
  if (options.each !== true)
    return field({ ...common(options), shape: 'leaf', faults: single(check) }, { ...schema, ...exampleOf(options) });
  return field(
    { ...common(options), shape: 'leaves', maxItems: items.max, faults: several(items, check) },
    {
      type: 'array',
      items: { ...schema, ...exampleOf(options) },
      minItems: items.min ?? 0,
      maxItems: items.max,
    },
  );
}

type JsonSchema = Record<string, unknown>;

const exampleOf = (options: { readonly example?: string | number }): JsonSchema =>
  options.example === undefined ? {} : { example: options.example };

const instanceFault = (part: () => Described, value: unknown): Fault | undefined =>
  value instanceof part() ? undefined : NOT_AN_OBJECT;

function single(check: Check): (value: unknown) => readonly Fault[] {
  return (value) => {
    const fault = check(value);
    return fault === undefined ? NO_FAULTS : [fault];
  };
}

function several(items: Items, check: Check): (value: unknown) => readonly Fault[] {
  const min = items.min ?? 0;
  return (value) => {
    if (!Array.isArray(value)) return NOT_A_LIST;
    if (value.length < min) return [{ code: 'too_few', message: `must have at least ${String(min)} items` }];
    if (value.length > items.max)
      return [{ code: 'too_many', message: `must have at most ${String(items.max)} items` }];
    let faults: Fault[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const fault = check(value[index]);
      if (fault !== undefined) (faults ??= []).push({ ...fault, at: `/${String(index)}${fault.at ?? ''}` });
    }
    return faults ?? NO_FAULTS;
  };
}

/** Registers the field with its checks, conversion and OpenAPI schema. */
function field(spec: Spec, schema: JsonSchema): PropertyDecorator {
  const faults = (value: unknown): readonly Fault[] => {
    if (value === undefined) return spec.optional ? NO_FAULTS : REQUIRED;
    return value === null ? NOT_NULL : spec.faults(value);
  };
  const validator = ValidateBy({
    name: 'field',
    validator: {
      validate: (value) => faults(value).length === 0,
      defaultMessage: (of) => `$property ${faults(of?.value)[0]?.message ?? ''}`,
    },
  });
  const api = ApiProperty({
    ...schema,
    required: !spec.optional,
    ...(spec.description === undefined ? {} : { description: spec.description }),
  });
  return (prototype, property) => {
    if (typeof property === 'symbol') throw new TypeError('a field must have a name');
    const { constructor } = prototype;
    let fields = ownFields.get(constructor);
    if (fields === undefined) ownFields.set(constructor, (fields = new Map<string, Field>()));
    fields.set(property, { ...spec, name: property, faults });
    validator(prototype, property);
    api(prototype, property);
  };
}

function both(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (prototype, property) => {
    for (const decorate of decorators) decorate(prototype, property);
  };
}
