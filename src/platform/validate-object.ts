import {
  NOT_AN_OBJECT,
  NOT_NULL,
  REQUIRED,
  UNKNOWN_FIELD,
  readMoment,
  type Fault,
  type FaultCode,
} from './field-checks.js';
import { fieldsOf, type Concrete, type Field, type FieldType } from './fields.js';

/** One invalid field: its location (JSON pointer, RFC 6901), a stable code, and a sentence that names the field. */
export interface FieldError {
  readonly pointer: string;
  readonly code: FaultCode;
  readonly message: string;
}

export type Validated<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Maximum number of reported errors; later ones are left out. */
export const MAX_ERRORS = 100;

/**
 * Converts parsed JSON to a validated instance of a class with described fields, in one walk. It validates
 * bodies, lines of a bulk request, queries, settings and key files. Undeclared names are rejected at every level,
 * including `__proto__`. The depth of the walk depends only on the class. Never throws because of the value, and does
 * not change it.
 */
export function validateObject<T extends object>(target: new () => T, plain: unknown): Validated<T> {
  const walk = new Walk();
  const value = walk.object(target, plain);
  return walk.errors.length === 0 ? { ok: true, value: value as T } : { ok: false, errors: walk.errors };
}

/** Like {@link validateObject}, for values that are text (query string, environment): converts integers and booleans. */
export function validateTexts<T extends object>(
  target: new () => T,
  texts: Readonly<Record<string, unknown>>,
): Validated<T> {
  const fields = fieldsOf(target);
  const plain = Object.entries(texts).map(([name, text]) => [name, valueOf(fields.get(name), text)] as const);
  return validateObject(target, Object.fromEntries(plain));
}

function valueOf(field: Field | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (field?.items !== undefined) return [text];
  if (field?.type.kind === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (field?.type.kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

/** One pass over a value: the current path and the errors so far. Builds a pointer only for an error. */
class Walk {
  readonly errors: FieldError[] = [];
  private readonly path: string[] = [];

  object(target: Concrete, value: unknown): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.reject(NOT_AN_OBJECT);
    const fields = fieldsOf(target);
    for (const name of Object.keys(value)) if (!fields.has(name)) this.reject({ ...UNKNOWN_FIELD, at: name });
    const instance = new target() as Record<string, unknown>;
    for (const field of fields.values()) {
      const given = (value as Readonly<Record<string, unknown>>)[field.name];
      const member = given === undefined ? field.default : given;
      if (member === undefined && field.optional) continue;
      this.path.push(field.name);
      instance[field.name] = this.field(field, member);
      this.path.pop();
    }
    return instance;
  }

  private field(field: Field, value: unknown): unknown {
    if (value === undefined) return this.reject(REQUIRED);
    if (value === null) return this.reject(NOT_NULL);
    if (field.items === undefined) return this.value(field.type, value);
    const fault = field.items.check(value);
    if (fault !== undefined) return this.reject(fault);
    return (value as readonly unknown[]).map((item, index) => {
      this.path.push(String(index));
      const read = this.value(field.type, item);
      this.path.pop();
      return read;
    });
  }

  private value(type: FieldType, value: unknown): unknown {
    if (type.kind === 'object') return this.object(type.target(), value);
    if (type.kind === 'moment') {
      const moment = readMoment(value);
      if (!Array.isArray(moment)) return moment;
      for (const fault of moment as readonly Fault[]) this.reject(fault);
      return undefined;
    }
    const fault = type.check(value);
    if (fault !== undefined) return this.reject(fault);
    return value === 0 ? 0 : value; // canonical JSON has no -0
  }

  /** The sentence begins with the name of the field: `points/0/category must be text`. */
  private reject({ code, message, at }: Fault): unknown {
    if (this.errors.length >= MAX_ERRORS) return undefined;
    const path = at === undefined ? this.path : [...this.path, at];
    const pointer = path.map((step) => `/${pointerStep(step)}`).join('');
    this.errors.push({ pointer, code, message: `${pointer === '' ? 'the body' : pointer.slice(1)} ${message}` });
    return undefined;
  }
}

/** A step of a JSON pointer. Long names are truncated: they can only come from the client. */
export const pointerStep = (name: string): string => name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');
