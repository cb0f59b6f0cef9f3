import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { AppendRefused, type EncodedEvent } from '../event-store.js';
import { proposedEvent } from './proposed-event.js';
import { examples } from '../../../test/support/examples.js';

const event = (data: string, metadata = '{"by":"test"}'): EncodedEvent => ({
  eventId: '0b6b2f5e-5c1f-8f0e-9a55-3f0e8f2d7a61',
  type: 'Noted',
  data,
  metadata,
});

/** The text to which the client serialises the data. */
const sent = (encoded: EncodedEvent): string => JSON.stringify(proposedEvent(encoded).data);

const names = fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat(30).map(String), fc.constantFrom('__proto__', 'toJSON'));
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  ),
}));

describe('an event as passed to the client', () => {
  test('has data that the client serialises to exactly our text, whatever the names are', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const text = canonicalize({ value }) ?? '';
        expect(sent(event(text))).toBe(text);
      }),
      examples(1000),
    );
  });

  test('keeps integer-like names in the order of canonical JSON', () => {
    const text = '{"":0,"!":1,"1":{"10":1,"9":2},"10":2,"9":[{"2":1,"a":2}],"a":3}';
    expect(JSON.stringify(JSON.parse(text))).not.toBe(text);
    expect(sent(event(text))).toBe(text);
  });

  test('has its metadata as unchanged bytes, and the content type JSON', () => {
    const { metadata, contentType } = proposedEvent(event('{}', '{"10":1,"9":"投诉"}'));
    expect(Buffer.from(metadata as Uint8Array).toString()).toBe('{"10":1,"9":"投诉"}');
    expect(metadata?.constructor).toBe(Uint8Array); // the client treats no other class as bytes
    expect(contentType).toBe('application/json');
  });

  test.each([
    ['data that are not JSON', event('{"a":')],
    ['data with a number that JSON does not have', event('{"a":NaN}')],
    ['data that are not canonical JSON', event('{"a":1.0}')],
    ['data with a repeated name', event('{"a":1,"a":2}')],
    ['metadata that are not JSON', event('{}', 'by test')],
  ])('is rejected with %s', (_, encoded) => {
    expect(() => proposedEvent(encoded)).toThrow(AppendRefused);
  });
});
