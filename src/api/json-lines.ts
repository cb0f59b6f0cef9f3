import { acceptedType } from '../platform/http/accepted-type.js';
import type { DescribedClass } from '../platform/fields.js';
import { exampleOf, refTo } from '../platform/http/schemas.js';
import type { JsonObject } from '../platform/json.js';

/** Content type of answers with one JSON value per line. */
export const JSON_LINES = 'application/x-ndjson';

export function* jsonLines(values: Iterable<object>): Generator<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

/**
 * Describes an answer with one value per line, of one of the classes. The schema is that of a list of the lines, as in
 * OpenAPI 3.2.
 */
export function linesOf(...classes: readonly DescribedClass[]): {
  readonly schema: JsonObject;
  readonly example: string;
} {
  const [first, ...others] = classes.map(refTo);
  const items: JsonObject = others.length === 0 ? { ...first } : { anyOf: classes.map(refTo) };
  return {
    schema: { type: 'array', description: 'One value per line', items },
    example: [...jsonLines(classes.map(exampleOf))].join(''),
  };
}

/**
 * Whether a client that sends lines wants one JSON answer: it names JSON in Accept, and does not prefer lines. Generated
 * clients name every content type of the document.
 */
export const wantsOneJson = (accept: string | undefined): boolean =>
  accept !== undefined &&
  /application\/json/i.test(accept) &&
  acceptedType(accept, ['application/json', JSON_LINES]) === 'application/json';
