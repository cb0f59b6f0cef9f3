import type { EventData } from '@eventstore/db-client';
import { AppendRefused, type EncodedEvent } from '../event-store.js';

/**
 * Converts an event for the client. Metadata are passed as bytes. Data are passed as a value, because the server's
 * projections and pages read only JSON data; the client serialises that value again, so it must serialise to exactly
 * our text.
 * @throws AppendRefused when there is no such value: the text is not JSON, or not canonical
 */
export function proposedEvent(event: EncodedEvent): EventData {
  parsed(event.metadata, 'metadata', event);
  return {
    id: event.eventId,
    type: event.type,
    contentType: 'application/json',
    data: valueFor(event),
    // exactly this class: the client serialises a Buffer as JSON
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

/**
 * JavaScript orders integer-like names first, canonical JSON does not: this view of the value keeps canonical order.
 */
function inCanonicalOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCanonicalOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, inCanonicalOrder(member)]);
  const names = members.map(([name]) => name).sort();
  return new Proxy(Object.fromEntries(members), { ownKeys: () => names });
}
