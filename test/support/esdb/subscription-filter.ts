import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { RecordedEvent } from './recorded-event.js';

/**
 * Returns the predicate of a filter, which compares the stream name or the event type with prefixes or with a regular
 * expression. Without a filter, every event matches.
 */
export function filterPredicate(
  filter: streams.ReadReq.Options.FilterOptions | undefined,
): (event: RecordedEvent) => boolean {
  const byStream = filter?.getStreamIdentifier();
  const expression = byStream ?? filter?.getEventType();
  if (!expression) return () => true;
  const subject = byStream
    ? (event: RecordedEvent): string => event.stream
    : (event: RecordedEvent): string => event.type;
  if (expression.getRegex() !== '') {
    const pattern = new RegExp(expression.getRegex(), 'u');
    return (event) => pattern.test(subject(event));
  }
  const prefixes = expression.getPrefixList();
  return (event) => prefixes.some((prefix) => subject(event).startsWith(prefix));
}
