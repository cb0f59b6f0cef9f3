import type { PipeTransform } from '@nestjs/common';
import { fieldsOf } from '../fields.js';
import { validateTexts } from '../validate-object.js';
import { valueOrThrow } from './problem.js';

/** Converts a query string to a validated instance of the class, or throws a problem that lists every invalid field. */
export class QueryPipe<Query extends object> implements PipeTransform<Record<string, unknown>, Query> {
  constructor(private readonly target: new () => Query) {}

  transform(query: Record<string, unknown>): Query {
    return valueOrThrow(validateTexts(this.target, withPlusSigns(this.target, query)));
  }
}

/** Restores the `+` of a time offset, such as +08:00, because decoding a query string turns `+` into a space. */
function withPlusSigns(target: new () => object, query: Record<string, unknown>): Record<string, unknown> {
  const restored = { ...query };
  for (const { name, type } of fieldsOf(target).values()) {
    const text = query[name];
    if (type.kind === 'moment' && typeof text === 'string') restored[name] = text.replace(' ', '+');
  }
  return restored;
}
