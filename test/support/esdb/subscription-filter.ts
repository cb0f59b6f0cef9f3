import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { RecordedEvent } from './recorded-event.js';

/** The test of a filter: stream name or event type, by prefixes or by a regular expression. Without one all pass. */
export function matcher(filter: streams.ReadReq.Options.FilterOptions | undefined): (event: RecordedEvent) => boolean {
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
