import { v4 as uuid } from 'uuid';

import type { Clock } from '../platform/clock.js';
import { instant } from '../platform/moment.js';
import { GENESIS_HASH } from './chain.js';
import { encodeBatch, EventDecoder } from './codec.js';
import { defineEvent, type EventOf } from './envelope.js';
import { WrongExpectedRevision, type EventStore } from './event-store.js';

/** The stream whose first event identifies the store. */
export const STORE_STREAM = 'store';

/** Version of the rules of docs/event-format.md. */
export const STORE_FORMAT = 1;

/** First event of every store: its identity and the rules for reading the rest. */
export const StoreCreated = defineEvent<{
  readonly storeId: string;
  readonly format: number;
  readonly engine: string;
  /** How personal fields are encrypted; `none` is not for production. */
  readonly encryption: string;
}>()('StoreCreated');

export type StoreHeader = EventOf<typeof StoreCreated>['data'];

/** This version cannot open the store; the message says what is required. */
export class StoreFormatUnknown extends Error {
  override readonly name = 'StoreFormatUnknown';
}

/** The place that was opened for reading holds no store. */
export class StoreMissing extends Error {
  override readonly name = 'StoreMissing';
  constructor(address: string) {
    super(`there is no Redress store at ${address}: correct the address, or start the service to create a store there`);
  }
}

const decoder = new EventDecoder<EventOf<typeof StoreCreated>>([StoreCreated]);

/**
 * Returns the header of a store; writes it first when the store has none. Processes that open a new store concurrently
 * agree on one header.
 * @throws StoreFormatUnknown
 */
export async function ensureStoreHeader(
  store: Pick<EventStore, 'append' | 'read'>,
  clock: Clock,
): Promise<StoreHeader> {
  const found = await readStoreHeader(store);
  if (found !== undefined) return found;
  try {
    await store.append(STORE_STREAM, 'none', firstEvent(uuid(), clock.now()));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error; // another process wrote it first
  }
  const header = await readStoreHeader(store);
  if (header === undefined) throw new StoreFormatUnknown('the store does not show the header that was written to it');
  return header;
}

/** The header of a store; undefined when the store holds no events of Redress. @throws StoreFormatUnknown */
export async function readStoreHeader(store: Pick<EventStore, 'read'>): Promise<StoreHeader | undefined> {
  const [first] = await store.read(STORE_STREAM, { limit: 1 });
  if (first === undefined) return undefined;
  if (first.type !== StoreCreated.type) throw new StoreFormatUnknown(`the store begins with ${first.type}`);
  const header = decoder.decode(first).data;
  if (header.engine !== 'redress') throw new StoreFormatUnknown(`the store belongs to ${header.engine}`);
  if (header.format !== STORE_FORMAT)
    throw new StoreFormatUnknown(
      `the store has format ${String(header.format)}, this version reads format ${String(STORE_FORMAT)}`,
    );
  if (header.encryption !== 'none')
    throw new StoreFormatUnknown(`the store is encrypted by ${header.encryption}, which this version cannot read`);
  return header;
}

function firstEvent(storeId: string, now: string) {
  const data: StoreHeader = { storeId, format: STORE_FORMAT, engine: 'redress', encryption: 'none' };
  return encodeBatch(STORE_STREAM, 0, GENESIS_HASH, [{ ...StoreCreated(data), version: StoreCreated.version }], {
    occurredAt: instant(now),
    occurredAtBasis: 'recorded',
    recordedAt: now,
    actor: { type: 'automation', id: 'redress', role: 'administrator' },
    commandId: storeId,
    commandDigest: GENESIS_HASH, // no request, so no digest
    $correlationId: storeId,
    $causationId: storeId,
  });
}
