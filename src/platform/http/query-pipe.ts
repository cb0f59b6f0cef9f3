import type { PipeTransform } from '@nestjs/common';
import { fieldsOf } from '../fields.js';
import { validateCommand } from '../validate-command.js';
import { invalid } from './problem.js';

/**
 * Converts a query string to a validated instance of the class. Values in a query are text: numeric and boolean fields
 * are parsed, and a blank in an offset is restored to the `+` that it was decoded from.
 */
export class QueryPipe<Query extends object> implements PipeTransform<unknown, Query> {
  constructor(private readonly target: new () => Query) {}

  transform(query: unknown): Query {
    const fields = fieldsOf(this.target);
    const plain = Object.fromEntries(
      Object.entries(query as Record<string, unknown>).map(([name, value]) => {
        const field = fields.get(name);
        if (field === undefined) return [name, value];
        if (field.shape === 'leaves') return [name, typeof value === 'string' ? [value] : value];
        if (typeof value !== 'string') return [name, value];
        if (field.shape === 'moment') return [name, value.replace(' ', '+')];
        const read = READINGS.map((reading) => reading(value)).find(
          (v) => v !== undefined && field.faults(v).length === 0,
        );
        return [name, field.faults(value).length === 0 ? value : (read ?? numberOf(value) ?? value)];
      }),
    );
    const result = validateCommand(this.target, plain);
    if (result.ok) return result.command;
    throw invalid('validation_failed', result.errors);
  }
}

const numberOf = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined);

const flagOf = (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined);

const READINGS = [numberOf, flagOf];
