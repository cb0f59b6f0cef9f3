import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';

import type { Fault, FaultCode } from './field-checks.js';
import { fieldsOf, type Described, type Field } from './fields.js';

/** One invalid field: its location (JSON pointer, RFC 6901), a stable code, and a sentence that names the field. */
export interface FieldError {
  readonly pointer: string;
  readonly code: FaultCode;
  readonly message: string;
}

export type Validated<Command> =
  { readonly ok: true; readonly command: Command } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** A longer list does not help the client. */
export const MAX_ERRORS = 100;

/**
 * Converts parsed JSON to a validated instance of a command class, for HTTP, CLI and bulk lines alike. Undeclared names
 * are rejected at every level, including `__proto__`; the class bounds work and depth, not the value. Never throws
 * because of the value, and does not change it.
 */
export function validateCommand<Command extends object>(target: new () => Command, plain: unknown): Validated<Command> {
  const shape = new Shape();
  const clean = shape.object(target, plain, '');
  if (clean === undefined) return { ok: false, errors: shape.errors };
  const command = plainToInstance(target, clean);
  const found = validateSync(command, OPTIONS);
  if (found.length === 0 && shape.errors.length === 0) return { ok: true, command };
  const errors = shape.errors;
  const reported = new Set([...shape.leftOut, ...errors.map((error) => error.pointer)]);
  for (const error of valueErrors(target, command, found, ''))
    if (errors.length < MAX_ERRORS && !reported.has(error.pointer)) errors.push(error);
  return { ok: false, errors };
}

const OPTIONS = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: false, // a command may have no fields of its own
  validationError: { target: false, value: false },
};

/**
 * Walks the value in parallel with its class before anything is built from it, and leaves out what must not reach the
 * transformer: undeclared names, and containers where none is allowed (the transformer would follow them to any depth).
 * Each method returns what to keep: the value itself, a reduced copy, or undefined.
 */
class Shape {
  readonly errors: FieldError[] = [];
  /** Fields that are missing only because something within them was rejected. */
  readonly leftOut = new Set<string>();

  object(target: Described, value: unknown, pointer: string): object | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse(pointer, 'wrong_type', 'must be an object');
      return undefined;
    }
    const fields = fieldsOf(target);
    const plain = value as Record<string, unknown>;
    let clean = plain;
    for (const name of Object.keys(plain)) {
      const field = fields.get(name);
      const member = plain[name];
      if (field !== undefined && (typeof member !== 'object' || member === null)) continue; // checked by the field
      let kept: unknown;
      if (field === undefined) this.refuse(below(pointer, name), 'unknown_field', 'is not known here');
      else kept = this.container(field, member as object, below(pointer, name));
      if (kept === member && field !== undefined) continue;
      if (clean === plain) clean = { ...plain };
      if (kept === undefined) Reflect.deleteProperty(clean, name);
      else clean[name] = kept;
    }
    return clean;
  }

  private container(field: Field, value: object, pointer: string): unknown {
    switch (field.shape) {
      case 'moment':
        return this.day(value, pointer);
      case 'part':
        return this.object(field.part(), value, pointer);
      case 'leaf':
        this.refuse(pointer, 'wrong_type', 'must be a single value');
        return undefined;
      case 'leaves':
      case 'parts':
        return this.list(field, value, pointer);
    }
  }

  /** The object form of a moment, and nothing below it. */
  private day(value: object, pointer: string): object | undefined {
    const bad = Object.entries(value).filter(([name, member]) => !isDayName(name) || typeof member === 'object');
    if (bad.length === 0 && !Array.isArray(value)) return value;
    this.leftOut.add(pointer);
    if (Array.isArray(value)) this.refuse(pointer, 'wrong_type', 'must not be a list');
    else
      for (const [name] of bad)
        if (isDayName(name)) this.refuse(below(pointer, name), 'wrong_type', 'must be text');
        else this.refuse(below(pointer, name), 'unknown_field', 'is not known here');
    return undefined;
  }

  private list(field: Field, value: object, pointer: string): readonly unknown[] | undefined {
    if (!Array.isArray(value)) {
      this.refuse(pointer, 'wrong_type', 'must be a list');
      return undefined;
    }
    if (value.length > field.maxItems) {
      this.refuse(pointer, 'too_many', `must have at most ${String(field.maxItems)} items`);
      return undefined;
    }
    let clean = value as unknown[];
    for (let index = 0; index < value.length; index++) {
      const item = clean[index];
      if (typeof item !== 'object' || item === null) continue;
      const at = `${pointer}/${String(index)}`;
      let kept: unknown;
      if (field.shape === 'parts') kept = this.object(field.part(), item, at);
      else this.refuse(at, 'wrong_type', 'must be a single value');
      if (kept === item) continue;
      if (clean === value) clean = [...clean];
      clean[index] = kept;
    }
    return clean;
  }

  private refuse(pointer: string, code: FaultCode, message: string): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(errorAt(pointer, { code, message }));
  }
}

const isDayName = (name: string): boolean => name === 'day' || name === 'zone';

/** class-validator says which fields are invalid; the field metadata say why. */
function* valueErrors(
  target: Described,
  instance: object,
  found: readonly ValidationError[],
  pointer: string,
): Generator<FieldError> {
  const fields = fieldsOf(target);
  for (const error of found) {
    const field = fields.get(error.property);
    if (field === undefined) throw new Error(`${target.name}.${error.property} has a validator and is no field`);
    const value = (instance as Record<string, unknown>)[field.name];
    const at = below(pointer, field.name);
    for (const fault of field.faults(value)) yield errorAt(at + (fault.at ?? ''), fault);
    const children = error.children ?? [];
    if (field.shape === 'part' && children.length > 0) yield* valueErrors(field.part(), value as object, children, at);
    if (field.shape === 'parts')
      for (const { property: index, children: inner = [] } of children) {
        const item: unknown = (value as readonly unknown[])[Number(index)];
        if (item instanceof field.part()) yield* valueErrors(field.part(), item, inner, `${at}/${index}`);
      }
  }
}

/** The sentence begins with the name of the field: `points/0/category must be text`. */
function errorAt(pointer: string, fault: Pick<Fault, 'code' | 'message'>): FieldError {
  return { pointer, code: fault.code, message: `${pointer === '' ? 'the body' : pointer.slice(1)} ${fault.message}` };
}

/** Appends a step to a JSON pointer; truncates long names, which can only come from the client. */
const below = (pointer: string, name: string): string =>
  `${pointer}/${name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/**
 * Caches class-validator metadata: it computes the validators of a class for every object, which takes half of its
 * time. They do not change once the class exists, so results without groups are kept.
 */
function keepValidators(): void {
  const storage = getMetadataStorage();
  const find = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  const found = new Map<unknown, ReturnType<typeof find>>();
  const grouped = new WeakMap<object, ReturnType<typeof group>>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    if (always || strictGroups || groups !== undefined) return find(target, schema, always, strictGroups, groups);
    let metadata = found.get(target);
    if (metadata === undefined) found.set(target, (metadata = find(target, schema, always, strictGroups)));
    return metadata;
  };
  storage.groupByPropertyName = (metadata) => {
    let groups = grouped.get(metadata);
    if (groups === undefined) grouped.set(metadata, (groups = group(metadata)));
    return groups;
  };
}

keepValidators();
