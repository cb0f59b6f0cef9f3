import { enumerationNamed, enumerationOf } from '../enumerations.js';
import { fieldsOf, schemaOf, type DescribedClass, type Field, type FieldType } from '../fields.js';
import type { Json, JsonObject } from '../json.js';

/* JSON schemas (2020-12, as in OpenAPI 3.1) and examples, computed from classes with described fields. */

/**
 * Extension with keywords that relate fields to each other. They are not part of the schema, because code generators take a
 * schema with `if` for a value of any type; the tests add them when they validate answers.
 */
export const RULES = 'x-rules';

const PREFIX = '#/components/schemas/';

const reference = (name: string): { readonly $ref: string } => ({ $ref: PREFIX + name });

const classes = new Map<string, DescribedClass>();

/** Reference to the schema of a class, whose name is the name of the class. @throws Error if two classes have one name */
export function refTo(target: DescribedClass): { readonly $ref: string } {
  const known = classes.get(target.name);
  if (known !== undefined && known !== target) throw new Error(`two described classes have the name ${target.name}`);
  classes.set(target.name, target);
  return reference(target.name);
}

/** The class with a schema of this name; undefined if nothing refers to it. */
export const classNamed = (name: string): DescribedClass | undefined => classes.get(name);

/** The schemas that a part of a document refers to, directly or through other schemas; sorted by name. */
export function schemasUsedBy(part: object): Record<string, JsonObject> {
  const schemas = new Map<string, JsonObject>();
  const names = referencedNames(part);
  for (const name of names) {
    if (schemas.has(name)) continue;
    const schema = schemaNamed(name);
    schemas.set(name, schema);
    names.push(...referencedNames(schema));
  }
  return Object.fromEntries([...schemas].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const referencedNames = (part: object): string[] =>
  [...JSON.stringify(part).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');

function schemaNamed(name: string): JsonObject {
  const shared = SHARED_SCHEMAS[name];
  if (shared !== undefined) return shared;
  const enumeration = enumerationNamed(name);
  if (enumeration !== undefined) {
    const { codes, description, constants } = enumeration;
    return { type: 'string', description, enum: [...codes], ...(constants && { 'x-enum-varnames': [...constants] }) };
  }
  const target = classNamed(name);
  if (target === undefined) throw new Error(`no schema has the name ${name}`);
  return classSchema(target);
}

function classSchema(target: DescribedClass): JsonObject {
  const fields = [...fieldsOf(target).values()];
  const required = fields.filter((field) => !field.optional && field.default === undefined).map(({ name }) => name);
  const { summary = '', rules, open = false } = schemaOf(target) ?? {};
  return {
    type: 'object',
    description: summary,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])),
    ...(open && { additionalProperties: true }),
    ...(rules && { [RULES]: rules }),
  };
}

/** The schema of a field, with its description, default and example. */
export function fieldSchema(field: Field): JsonObject {
  const { type, items, nullable, description, default: value, example } = field;
  const schema = items === undefined ? typeSchema(type) : listSchema(typeSchema(type), items);
  return {
    ...(nullable ? orNull(schema) : schema),
    ...(description !== '' && { description }),
    ...(value !== undefined && { default: value }),
    ...(example !== undefined && { example: items === undefined || Array.isArray(example) ? example : [example] }),
  };
}

function typeSchema(type: FieldType): JsonObject {
  switch (type.kind) {
    case 'moment':
      return reference('Moment');
    case 'object':
      return refTo(type.target());
    case 'map':
      return { type: 'object', additionalProperties: refTo(type.members()) };
    case 'answer':
      return type.schema;
    default: {
      const enumeration = type.codes === undefined ? undefined : enumerationOf(type.codes);
      return enumeration === undefined ? type.schema : reference(enumeration.name);
    }
  }
}

const listSchema = (items: JsonObject, { min, max }: { readonly min: number; readonly max: number }): JsonObject => ({
  type: 'array',
  items,
  ...(min > 0 && { minItems: min }),
  ...(Number.isFinite(max) && { maxItems: max }),
});

const orNull = (schema: JsonObject): JsonObject =>
  typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : { oneOf: [schema, { type: 'null' }] };

/**
 * An example of a class: its own, or one that is made from the examples of its fields, without optional fields that have
 * none.
 */
export function exampleOf(target: DescribedClass): JsonObject {
  const own = schemaOf(target)?.example;
  if (own !== undefined) return own;
  const members = [...fieldsOf(target).values()].flatMap((field): [string, Json][] => {
    const value = exampleOfField(field);
    if (value === undefined && !field.optional) throw new Error(`${target.name}.${field.name} has no example`);
    return value === undefined ? [] : [[field.name, value]];
  });
  return Object.fromEntries(members);
}

function exampleOfField({ type, items, example }: Field): Json | undefined {
  const value = example ?? (example === null ? null : exampleOfType(type));
  return items === undefined || value === undefined || Array.isArray(value) ? value : [value];
}

function exampleOfType(type: FieldType): Json | undefined {
  switch (type.kind) {
    case 'moment':
      return INSTANT.example;
    case 'object':
      return exampleOf(type.target());
    case 'map':
      return { [type.nameExample]: exampleOf(type.members()) };
    case 'answer':
      return undefined;
    case 'boolean':
      return true;
    default:
      return type.codes?.[0];
  }
}

/** A moment in a query, which cannot have an object. */
export const INSTANT = {
  type: 'string',
  format: 'date-time',
  // the years 1900 to 2200
  pattern: '^(19|2[01])[0-9]{2}-|^2200-',
  description: 'RFC 3339 with offset, years 1900 to 2200',
  example: '2026-11-22T09:30:00+08:00',
} as const;

const SHARED_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  Moment: {
    description: 'An instant, or a day in a time zone if the time is not known',
    oneOf: [INSTANT, reference('DayInZone')],
  },
  DayInZone: {
    type: 'object',
    description: 'A day whose time is not known',
    required: ['day', 'zone'],
    additionalProperties: false,
    properties: {
      day: {
        type: 'string',
        format: 'date',
        pattern: INSTANT.pattern,
        description: 'Years 1900 to 2200',
        example: '2026-11-22',
      },
      zone: {
        type: 'string',
        pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
        description: 'Name of the IANA time zone database, such as Asia/Shanghai',
        example: 'Asia/Shanghai',
      },
    },
  },
};
