import type { Unmet } from '../complaint/decision.js';
import { MAX_ERRORS, validateObject, valueOfText, type FieldError } from '../platform/validate-object.js';
import type { ConcreteClass } from '../platform/fields.js';
import type { Json, JsonObject } from '../platform/json.js';
import { kindOf, pathOf, placeAt, stepsOfPointer, type Place } from './field-paths.js';

/** A required field that the body lacks. */
export interface MissingField {
  readonly steps: readonly string[];
  readonly path: string;
  readonly place: Place;
}

export interface CheckedBody {
  /** The body, with an empty object or one empty item where a required object or list is missing. */
  readonly body: JsonObject;
  /** Each missing field; an object or a list of objects is replaced by its required fields. */
  readonly missing: readonly MissingField[];
  /** All other errors. */
  readonly invalid: readonly FieldError[];
}

/** Validates the body of a command, and separates what is missing from what is wrong. */
export function checkBody(target: ConcreteClass, given: JsonObject): CheckedBody {
  for (let body = given; ;) {
    const errors = errorsOf(target, body);
    const missing = errors.flatMap((error) => missingField(target, error) ?? []);
    const toExpand = missing.filter(({ place }) => isExpandable(place));
    if (toExpand.length === 0) {
      const invalid = errors.filter((error) => missingField(target, error) === undefined);
      return { body, missing, invalid };
    }
    for (const { steps, place } of toExpand) body = withValue(body, steps, place.items === undefined ? {} : [{}]);
  }
}

function errorsOf(target: ConcreteClass, body: JsonObject): readonly FieldError[] {
  const result = validateObject(target, body);
  return result.ok ? [] : result.errors;
}

function missingField(target: ConcreteClass, { pointer, code }: FieldError): MissingField | undefined {
  if (code !== 'required') return undefined;
  const steps = stepsOfPointer(pointer);
  const place = placeAt(target, steps);
  return place && { steps, path: pathOf(steps), place };
}

/** True for an object, and for a list of objects that needs at least one. */
const isExpandable = ({ type, items }: Place): boolean =>
  type.kind === 'object' && (items === undefined || items.min > 0);

/** A copy of the body with the value at the steps, whose objects and lists exist. */
export function withValue(body: JsonObject, steps: readonly string[], value: Json): JsonObject {
  return withMember(body, steps, value) as JsonObject;
}

function withMember(container: Json | undefined, [step, ...rest]: readonly string[], value: Json): Json {
  if (step === undefined) return value;
  if (isList(container)) {
    const items = [...container];
    items[Number(step)] = withMember(items[Number(step)], rest, value);
    return items;
  }
  const members = (container ?? {}) as JsonObject;
  return { ...members, [step]: withMember(members[step], rest, value) };
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The value that a typed answer means: the items of a list are separated by commas. */
export function valueOfAnswer({ type, items }: Place, answer: string): Json {
  if (items === undefined) return valueOfText(type, answer);
  const texts = answer.split(',').map((text) => text.trim());
  return texts.filter((text) => text !== '').map((text) => valueOfText(type, text));
}

/** Why the value is not valid at this place: a sentence; undefined if it is valid. */
export function problemOfValue(
  target: ConcreteClass,
  body: JsonObject,
  { steps }: MissingField,
  value: Json,
): string | undefined {
  const pointer = `/${steps.join('/')}`;
  const errors = errorsOf(target, withValue(body, steps, value));
  const error = errors.find((candidate) => `${candidate.pointer}/`.startsWith(`${pointer}/`));
  return error && sentenceOf(error);
}

/** The message of an error of validation, which begins with the pointer, with the path in its place. */
const sentenceOf = ({ pointer, message }: FieldError): string =>
  pointer === '' ? message : pathOf(stepsOfPointer(pointer)) + message.slice(pointer.length - 1);

/** A reason of a refusal, with its code and with a path in place of the pointer. */
export function reasonOf({ code, message, pointer = '' }: Unmet): string {
  if (pointer === '') return `${message} (${code})`;
  const path = pathOf(stepsOfPointer(pointer));
  const isOfValidation = message.startsWith(`${pointer.slice(1)} `); // its message begins with the pointer
  return `${path}${isOfValidation ? message.slice(pointer.length - 1) : `: ${message}`} (${code})`;
}

/** Why a body cannot be sent: a line for each field that is missing, then for each that is wrong. */
export function reportOf({ missing, invalid }: CheckedBody): string {
  const missingLines = missing.map(({ path, place }) => `  ${path}: ${kindOf(place)}${inBrackets(place.description)}`);
  const invalidLines = invalid.map((error) => `  ${reasonOf(error)}`);
  return [
    ...(missing.length > 0 ? ['these fields are missing:', ...missingLines] : []),
    ...(invalid.length > 0 ? ['these fields are not valid:', ...invalidLines] : []),
    ...(missing.length + invalid.length >= MAX_ERRORS ? ['  …'] : []),
  ].join('\n');
}

const inBrackets = (description: string): string => (description === '' ? '' : ` (${description})`);
