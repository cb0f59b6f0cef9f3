import { GENESIS_HASH } from '../../../src/eventstore/chain.js';
import { encodeBatch } from '../../../src/eventstore/codec.js';
import type { EventStore } from '../../../src/eventstore/event-store.js';
import { instant } from '../../../src/platform/moment.js';

const METADATA = {
  occurredAt: instant('2026-03-02T01:30:00.000Z'),
  recordedAt: '2026-03-02T01:30:00.000Z',
  actor: { type: 'person', id: 'handler-1', role: 'handler' },
  commandId: 'command-1',
  commandDigest: 'd'.repeat(64),
  $correlationId: 'correlation-1',
  $causationId: 'command-1',
} as const;

/** Appends valid events to an event store. The data of each is `{"note": "<stream> <revision>"}`. */
export class SampleLog {
  private readonly last = new Map<string, { readonly revision: number; readonly hash: string }>();

  constructor(private readonly store: EventStore) {}

  /** Appends one event to each of the streams, in this order. */
  async append(...streams: readonly string[]): Promise<void> {
    for (const stream of streams) {
      const { revision: previous, hash: prevHash } = this.last.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
      const revision = previous + 1;
      const noted = { type: 'Noted', version: 1, data: { note: `${stream} ${String(revision)}` } };
      const batch = encodeBatch(stream, revision, prevHash, [noted], METADATA);
      await this.store.append(stream, revision === 0 ? 'none' : previous, batch);
      this.last.set(stream, { revision, hash: batch[0]?.hash ?? '' });
    }
  }
}
