import { Text } from '../fields.js';
import { OptionalBody } from './command-pipe.js';

class Options {
  @Text({ max: 10, optional: true })
  readonly note?: string;
}

test('an absent optional body is an empty object, and any other body must be an object', () => {
  const pipe = new OptionalBody(Options);
  expect(pipe.transform(undefined)).toEqual({});
  expect(pipe.transform({ note: 'x' })).toEqual({ note: 'x' });
  for (const body of [null, [], 'x', 1, { other: 1 }]) expect(() => pipe.transform(body)).toThrow(/^validation_failed/);
});
