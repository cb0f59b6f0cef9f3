import { v4 as uuid } from 'uuid';

import type { Clock } from '../platform/clock.js';
import { instant } from '../platform/moment.js';
import { GENESIS_HASH } from './chain.js';
import { encodeBatch, EventDecoder } from './codec.js';
import { defineEvent, type EventOf } from './envelope.js';
import { WrongExpectedRevision, type EventStore } from './event-store.js';

/** The stream whose first event is the header of the store. */
export const STORE_STREAM = 'store';

/** Version of the format in docs/event-format.md. */
export const STORE_FORMAT = 1;

/** Header of every store: its id and the format of all other events. */
export const StoreCreated = defineEvent<{
  readonly storeId: string;
  readonly format: number;
  readonly engine: string;
  /** How personal fields are encrypted. This version supports only `none`. */
  readonly encryption: string;
}>()('StoreCreated');

export type StoreHeader = EventOf<typeof StoreCreated>['data'];

/** This version of Redress cannot open the store; the message says why. */
export class StoreFormatUnknown extends Error {
  override readonly name = 'StoreFormatUnknown';
}

/** There is no store at the address that was opened for reading. */
export class StoreMissing extends Error {
  override readonly name = 'StoreMissing';
  /** @param found what is there instead, if the address is a file */
  constructor(address: string, found?: string) {
    super(
      found === undefined
        ? `there is no Redress store at ${address}: correct the address, or start the service to create a store there`
        : `there is no Redress store at ${address} (found: ${found}); name the data folder of the service with --data or ` +
            'REDRESS_DATA, or start the service there: redress serve',
    );
  }
}

const decoder = new EventDecoder<EventOf<typeof StoreCreated>>([StoreCreated]);

/**
 * Returns the header of a store, and writes it first if the store has none. Processes that open a new store at the same time
 * get the same header.
 * @throws StoreFormatUnknown
 */
export async function ensureStoreHeader(
  store: Pick<EventStore, 'append' | 'read'>,
  clock: Clock,
): Promise<StoreHeader> {
  const existing = await readStoreHeader(store);
  if (existing !== undefined) return existing;
  try {
    await store.append(STORE_STREAM, 'none', firstEvent(uuid(), clock.now()));
  } catch (error) {
    const isWrittenByOtherProcess = error instanceof WrongExpectedRevision;
    if (!isWrittenByOtherProcess) throw error;
  }
  const header = await readStoreHeader(store);
  if (header === undefined) throw new StoreFormatUnknown('the store does not return the header that was written to it');
  return header;
}

/** Returns the header of a store; undefined if the store has no header. @throws StoreFormatUnknown */
export async function readStoreHeader(store: Pick<EventStore, 'read'>): Promise<StoreHeader | undefined> {
  const [first] = await store.read(STORE_STREAM, { limit: 1 });
  if (first === undefined) return undefined;
  if (first.type !== StoreCreated.type)
    throw new StoreFormatUnknown(`expected StoreCreated as the first event of the store, found ${first.type}`);
  const header = decoder.decode(first).data;
  if (header.engine !== 'redress')
    throw new StoreFormatUnknown(`the store was created by ${header.engine}, not by redress`);
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
    commandDigest: GENESIS_HASH, // a placeholder: there is no request
    $correlationId: storeId,
    $causationId: storeId,
  });
}
