import { field, listOf, type ConcreteClass, type FieldOptions } from './fields.js';
import type { Json, JsonObject } from './json.js';

/*
 * Decorators for fields that only answers have, besides those of fields.ts. They describe the OpenAPI schema of an answer;
 * the service does not validate its answers, the tests do (test/support/api-document.ts).
 */

/** A field of an answer. Each scalar needs an example, from which the example of the answer is made. */
export interface AnswerOptions extends FieldOptions {
  /** True if the field is a list of such values (default false). */
  readonly each?: boolean;
}

/** Text of any length. */
export const AnyText = (
  options: AnswerOptions & { readonly example: string | null | readonly [] },
): PropertyDecorator => answer(options, { type: 'string' });

/** An instant in UTC, RFC 3339 with milliseconds. */
export const Timestamp = (options: AnswerOptions): PropertyDecorator =>
  answer({ example: '2026-11-22T01:30:00.000Z', ...options }, { type: 'string', format: 'date-time' });

/** A UUID. */
export const Uuid = (options: AnswerOptions): PropertyDecorator =>
  answer({ example: '37367fd5-6616-5286-a6fe-c4735ea7036c', ...options }, { type: 'string', format: 'uuid' });

/** A number of things: a whole number from 0. */
export const Count = (options: AnswerOptions & { readonly example: number | null }): PropertyDecorator =>
  answer(options, { type: 'integer', format: 'int64', minimum: 0 });

/** A number that need not be whole. */
export const Decimal = (options: AnswerOptions & { readonly example: number | null }): PropertyDecorator =>
  answer(options, { type: 'number' });

/** A JSON object of any form. */
export const AnyObject = (options: AnswerOptions & { readonly example: JsonObject }): PropertyDecorator =>
  answer(options, { type: 'object', additionalProperties: true });

/** A list of objects of a class with described fields. */
export const ListOf = (target: () => ConcreteClass, options: FieldOptions): PropertyDecorator =>
  field(options, listOf(0, Infinity), { kind: 'object', target });

/** An object whose members have any name and are texts or null. */
export const TextMap = (options: FieldOptions & { readonly example: JsonObject }): PropertyDecorator =>
  answer(options, { type: 'object', additionalProperties: { type: ['string', 'null'] } });

/** An object whose members have any name and are objects of a class with described fields. */
export const MapOf = (
  target: () => ConcreteClass,
  { nameExample, ...options }: FieldOptions & { readonly nameExample: string },
): PropertyDecorator => field(options, undefined, { kind: 'map', members: target, nameExample });

const answer = (
  { each = false, ...options }: AnswerOptions,
  schema: Readonly<Record<string, Json>>,
): PropertyDecorator => field(options, each ? listOf(0, Infinity) : undefined, { kind: 'answer', schema });
