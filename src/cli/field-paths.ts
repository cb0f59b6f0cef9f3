import { IDENTIFIER } from '../platform/field-checks.js';
import { fieldsOf, type ConcreteClass, type Field, type FieldType } from '../platform/fields.js';

/*
 * Fields of a command as people write them: `points[0].issue`. The same place is `/points/0/issue` as a JSON pointer, and
 * the steps `points`, `0`, `issue`.
 */

/** The type of the value at a place: a list with its size, or one value. */
export interface Place {
  readonly type: FieldType;
  /** How many items the value has, if it is a list. */
  readonly items: Field['items'];
  readonly description: string;
}

export const stepsOfPointer = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** `points`, `0`, `issue` become `points[0].issue`. */
export const pathOf = (steps: readonly string[]): string =>
  steps.map((step, index) => (isIndex(step) ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

/** True for the number of an item in a list. No field has a number as its name. */
export const isIndex = (step: string): boolean => /^\d+$/.test(step);

/** The place at the end of the steps; undefined if the class has no such field. */
export function placeAt(target: ConcreteClass, steps: readonly string[]): Place | undefined {
  let fields: ReadonlyMap<string, Field> | undefined = fieldsOf(target);
  let place: Place | undefined;
  for (const step of steps) {
    if (place?.items !== undefined) {
      if (!isIndex(step)) return undefined;
      place = { ...place, items: undefined };
    } else {
      place = fields?.get(step);
      if (place === undefined) return undefined;
    }
    fields = place.items === undefined && place.type.kind === 'object' ? fieldsOf(place.type.target()) : undefined;
  }
  return place;
}

/** A list of codes is printed as a whole if it is not longer. */
export const MAX_LISTED_CODES = 30;

/** The codes that the value may have; undefined if it is not a code. */
export const codesOf = (type: FieldType): readonly string[] | undefined =>
  type.kind === 'string' ? (type.schema.enum as readonly string[] | undefined) : undefined;

/** What a value must be, such as `text of up to 2000 characters` or `one of approve, return`. */
export function kindOf({ type, items }: Pick<Place, 'type' | 'items'>): string {
  const kind = kindOfValue(type);
  if (items === undefined) return kind;
  return `list of ${String(items.min)} to ${String(items.max)}: ${kind}`;
}

function kindOfValue(type: FieldType): string {
  const codes = codesOf(type);
  if (codes !== undefined)
    return codes.length <= MAX_LISTED_CODES
      ? `one of ${codes.join(', ')}`
      : `one of ${String(codes.length)} codes, such as ${codes.slice(0, 3).join(', ')}`;
  switch (type.kind) {
    case 'string': {
      const { pattern, maxLength } = type.schema;
      if (pattern === IDENTIFIER.source) return 'id';
      return typeof maxLength === 'number' ? `text of up to ${maxLength} characters` : 'text';
    }
    case 'integer': {
      const { minimum, maximum } = type.schema as { readonly minimum: number; readonly maximum: number };
      return `whole number from ${minimum} to ${maximum}`;
    }
    case 'boolean':
      return 'true or false';
    case 'moment':
      return 'time with offset, such as 2026-11-22T09:30:00+08:00; or a day: .day=2026-11-22 and .zone=Asia/Shanghai';
    case 'object':
    case 'map':
    case 'answer':
      return 'fields';
  }
}
