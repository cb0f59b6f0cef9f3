import {
  NOT_AN_OBJECT,
  NOT_NULL,
  REQUIRED,
  UNKNOWN_FIELD,
  readMoment,
  type Fault,
  type FaultCode,
} from './field-checks.js';
import { fieldsOf, type ConcreteClass, type Field, type FieldType } from './fields.js';
import { truncate } from './text.js';

/** Why a field is invalid. */
export interface FieldError {
  /** JSON pointer to the field (RFC 6901). */
  readonly pointer: string;
  /** A stable code. */
  readonly code: FaultCode;
  /** A sentence that begins with the path of the field, such as `points/0/category must be text`. */
  readonly message: string;
}

export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Maximum number of errors that are reported for one value. */
export const MAX_ERRORS = 100;

/**
 * Validates parsed JSON and converts it to an instance of a class whose fields have decorators of fields.ts. Used for
 * bodies, lines of a bulk request, queries, settings and key files. Rejects names of other fields at every level,
 * including `__proto__`. The depth of the recursion depends only on the class, not on the value. Never throws because of the
 * value, and does not change it.
 */
export function validateObject<T extends object>(target: new () => T, plain: unknown): Validated<T> {
  const validation = new Validation();
  const value = validation.convertObject(target, plain);
  const { errors } = validation;
  return errors.length === 0 ? { ok: true, value: value as T } : { ok: false, errors };
}

/**
 * Like {@link validateObject}, for fields that are text in a query string or in the environment. Converts text to
 * integers and booleans, and a single text to a list if the field is a list.
 */
export function validateTexts<T extends object>(
  target: new () => T,
  texts: Readonly<Record<string, unknown>>,
): Validated<T> {
  const fields = fieldsOf(target);
  const plain = Object.entries(texts).map(([name, text]) => [name, convertText(fields.get(name), text)] as const);
  return validateObject(target, Object.fromEntries(plain));
}

function convertText(field: Field | undefined, text: unknown): unknown {
  if (typeof text !== 'string' || field === undefined) return text;
  return field.items !== undefined ? [text] : valueOfText(field.type, text);
}

/** Converts text to the integer or boolean that it is in the type; returns other text, and wrong text, unchanged. */
export function valueOfText({ kind }: FieldType, text: string): string | number | boolean {
  if (kind === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/** Validates one value; collects the errors. */
class Validation {
  readonly errors: FieldError[] = [];
  /** Path of the value that is being validated. */
  private readonly path: string[] = [];

  convertObject(target: ConcreteClass, value: unknown): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.reject(NOT_AN_OBJECT);
    const fields = fieldsOf(target);
    for (const name of Object.keys(value)) if (!fields.has(name)) this.reject(unknownField(name, fields));
    const instance = new target() as Record<string, unknown>;
    for (const field of fields.values()) {
      const member = (value as Readonly<Record<string, unknown>>)[field.name];
      const memberOrDefault = member === undefined ? field.default : member;
      if (memberOrDefault === undefined && field.optional) continue;
      this.path.push(field.name);
      instance[field.name] = this.convertField(field, memberOrDefault);
      this.path.pop();
    }
    return instance;
  }

  private convertField(field: Field, value: unknown): unknown {
    if (value === undefined) return this.reject(REQUIRED);
    if (value === null) return this.reject(NOT_NULL);
    if (field.items === undefined) return this.convertValue(field.type, value);
    const fault = field.items.check(value);
    if (fault !== undefined) return this.reject(fault);
    return (value as readonly unknown[]).map((item, index) => {
      this.path.push(String(index));
      const converted = this.convertValue(field.type, item);
      this.path.pop();
      return converted;
    });
  }

  private convertValue(type: FieldType, value: unknown): unknown {
    if (type.kind === 'answer' || type.kind === 'map') return value; // not validated
    if (type.kind === 'object') return this.convertObject(type.target(), value);
    if (type.kind === 'moment') {
      const moment = readMoment(value);
      if (!Array.isArray(moment)) return moment;
      for (const fault of moment as readonly Fault[]) this.reject(fault);
      return undefined;
    }
    const fault = type.check(value);
    if (fault !== undefined) return this.reject(fault);
    if (type.convert !== undefined) return type.convert(value as string);
    return value === 0 ? 0 : value; // canonical JSON has no -0
  }

  /** Adds an error for the current path, up to MAX_ERRORS. Returns undefined: an invalid value is not converted. */
  private reject({ code, message, at }: Fault): unknown {
    if (this.errors.length >= MAX_ERRORS) return undefined;
    const path = at === undefined ? this.path : [...this.path, at];
    const pointer = path.map((step) => `/${pointerStep(step)}`).join('');
    this.errors.push({ pointer, code, message: `${pointer === '' ? 'the body' : pointer.slice(1)} ${message}` });
    return undefined;
  }
}

function unknownField(name: string, fields: ReadonlyMap<string, Field>): Fault {
  const renamed = [...fields.values()].find(({ formerName }) => formerName === name);
  const message = renamed === undefined ? UNKNOWN_FIELD.message : `has the name ${renamed.name} now; use that name`;
  return { ...UNKNOWN_FIELD, message, at: name };
}

/** Maximum length of a name from the request in a pointer or message; our fields have shorter names. */
const MAX_NAME_LENGTH = 200;

/** Escapes a name of the request as a step of a JSON pointer, truncated and without halves of surrogate pairs. */
export const pointerStep = (name: string): string =>
  truncate(name, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1');
