import type { EventData } from '@eventstore/db-client';
import { AppendRefused, type EncodedEvent } from '../event-store.js';

/**
 * An event as the client takes it. Its metadata go as the bytes they are; its data go as a value, because only JSON
 * data are data to the server's own projections and pages, and the client writes that value as text again. The
 * value given here is one that it writes as exactly our text.
 * @throws AppendRefused when there is no such value: the text is not JSON, or not canonical
 */
export function proposedEvent(event: EncodedEvent): EventData {
  parsed(event.metadata, 'metadata', event);
  return {
    id: event.eventId,
    type: event.type,
    contentType: 'application/json',
    data: valueFor(event),
    // exactly this class: the client takes a Buffer for a value and writes it as JSON
    metadata: new Uint8Array(Buffer.from(event.metadata)),
  };
}

type Data = Extract<EventData, { contentType: 'application/json' }>['data'];

function valueFor(event: EncodedEvent): Data {
  const value = parsed(event.data, 'data', event);
  if (JSON.stringify(value) === event.data) return value as Data;
  const ordered = inCanonicalOrder(value);
  if (JSON.stringify(ordered) === event.data) return ordered as Data;
  throw new AppendRefused(`the data of event ${event.eventId} are not canonical JSON and would be stored differently`);
}

function parsed(text: string, what: string, event: EncodedEvent): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppendRefused(`the ${what} of event ${event.eventId} are not JSON`, { cause: error });
  }
}

/** JavaScript puts names that look like numbers first, canonical JSON does not: a view of the value that neither does. */
function inCanonicalOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCanonicalOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, inCanonicalOrder(member)]);
  const names = members.map(([name]) => name).sort();
  return new Proxy(Object.fromEntries(members), { ownKeys: () => names });
}
